"""Understanding what the sandbox's own voices have spoken: what was said is remembered, and recognised."""
