"""HTTP below the client: sessions, answers, uploads, retries, traces."""
