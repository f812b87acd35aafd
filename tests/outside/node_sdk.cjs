// Runs a table of calls of the official Node SDK; prints what each gave, as one JSON object.
const { AudioFormat, CommitStrategy, ElevenLabsClient, ElevenLabsError, RealtimeEvents } = require("@elevenlabs/elevenlabs-js");

const HARPER = "q30UQ9qvtBNcrAki3LpZ";
const SENTENCE = "The quick brown fox jumps over the lazy dog.";
const DESCRIBED = "An old man with a deep, warm voice, slow and calm.";
const baseUrl = process.env.ELEVENLABS_BASE_URL;
const apiKey = process.env.ELEVENLABS_API_KEY;
const client = new ElevenLabsClient({ apiKey, baseUrl });
const inputs = [{ text: "Hi.", voiceId: HARPER }, { text: "Hello.", voiceId: "JBFqnCBsd6RMkjVDRZzb" }];

const { WebSocket } = require("ws");

// A conversation by text that the agent ends; gives its id.
const talk = () =>
  new Promise((done, fail) => {
    const socket = new WebSocket(`${baseUrl.replace("http", "ws")}/v1/convai/conversation?agent_id=agent_sandbox_tools`);
    let id;
    socket.on("error", fail);
    socket.on("close", () => done(id));
    socket.on("open", () => {
      const override = { conversation: { text_only: true } };
      const start = { type: "conversation_initiation_client_data", conversation_config_override: override };
      socket.send(JSON.stringify(start));
      socket.send(JSON.stringify({ type: "user_message", text: "The time?" }));
    });
    socket.on("message", (data) => {
      const event = JSON.parse(data);
      if (event.type === "conversation_initiation_metadata")
        id = event.conversation_initiation_metadata_event.conversation_id;
      if (event.type !== "client_tool_call") return;
      const answer = { type: "client_tool_result", tool_call_id: event.client_tool_call.tool_call_id };
      socket.send(JSON.stringify({ ...answer, result: "noon", is_error: false }));
      socket.send(JSON.stringify({ type: "user_message", text: "Bye" }));
    });
  });

const bytes = async (stream) => {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};
const audio = async (stream) => (await bytes(await stream)).toString("base64");
const all = async (stream) => {
  const found = [];
  for await (const one of await stream) found.push(one);
  return found;
};
const refused = async (word, call) => {
  try {
    await call(new ElevenLabsClient({ apiKey: `${word}_${apiKey}`, baseUrl, maxRetries: 0 }));
  } catch (error) {
    if (!(error instanceof ElevenLabsError)) throw error;
    return { code: error.statusCode, detail: error.body.detail };
  }
};
const file = (mp3) => new File([mp3], "spoken.mp3", { type: "audio/mpeg" });

const speech = client.textToSpeech;
const convai = client.conversationalAi;
const clone = async (mp3) => (await client.voices.ivc.create({ name: "Me", files: [file(mp3)] })).voiceId;

// A live transcription of samples, committed at their end; gives its text.
const transcribeLive = async () => {
  const pcm = await bytes(await speech.convert(HARPER, { text: SENTENCE, outputFormat: "pcm_16000" }));
  const options = { modelId: "scribe_v2_realtime", audioFormat: AudioFormat.PCM_16000, sampleRate: 16000 };
  const connection = await client.speechToText.realtime.connect({ ...options, commitStrategy: CommitStrategy.MANUAL });
  return new Promise((done, fail) => {
    connection.on(RealtimeEvents.ERROR, fail);
    connection.on(RealtimeEvents.COMMITTED_TRANSCRIPT, (transcript) => {
      connection.close();
      done(transcript.text);
    });
    connection.on(RealtimeEvents.SESSION_STARTED, () => {
      for (let start = 0; start < pcm.length; start += 8000)
        connection.send({ audioBase64: pcm.subarray(start, start + 8000).toString("base64") });
      connection.commit();
    });
  });
};

const CALLS = {
  models: async () => (await client.models.list()).map((model) => model.modelId),
  "voices.search": async () => (await client.voices.search({ search: "harper" })).voices[0].voiceId,
  "voices.getAll": async () => (await client.voices.getAll()).voices.map((voice) => voice.voiceId),
  "voices.get": async () => (await client.voices.get(HARPER)).name,
  "voices.settings": async () => {
    await client.voices.settings.update(HARPER, { stability: 0.4, speed: 1.1 });
    return client.voices.settings.get(HARPER);
  },
  "voices.ivc.create": clone,
  "voices.update": async (mp3) => {
    const id = await clone(mp3);
    await client.voices.update(id, { name: "You" });
    return (await client.voices.get(id)).name;
  },
  "voices.delete": async (mp3) => (await client.voices.delete(await clone(mp3))).status,
  "voices.share": async () => {
    const shared = (await client.voices.getShared({ pageSize: 2 })).voices[0];
    await client.voices.share(shared.publicOwnerId, shared.voiceId, { newName: "Mine" });
    return (await client.voices.get(shared.voiceId)).name;
  },
  textToVoice: async () => {
    const text = `${SENTENCE} ${SENTENCE} And again.`;
    const designed = await client.textToVoice.design({ voiceDescription: DESCRIBED, text });
    const generatedVoiceId = designed.previews[0].generatedVoiceId;
    return (await client.textToVoice.create({ voiceName: "Old", voiceDescription: DESCRIBED, generatedVoiceId })).name;
  },
  "textToSpeech.convert": () => audio(speech.convert(HARPER, { text: SENTENCE, outputFormat: "mp3_22050_32" })),
  "textToSpeech.stream": () => audio(speech.stream(HARPER, { text: SENTENCE })),
  "textToSpeech.convertWithTimestamps": async () =>
    (await speech.convertWithTimestamps(HARPER, { text: SENTENCE })).alignment.characters.join(""),
  "textToSpeech.streamWithTimestamps": async () =>
    (await all(speech.streamWithTimestamps(HARPER, { text: SENTENCE })))
      .flatMap((part) => part.alignment?.characters ?? [])
      .join(""),
  "textToDialogue.convert": () => audio(client.textToDialogue.convert({ inputs })),
  "textToDialogue.stream": () => audio(client.textToDialogue.stream({ inputs })),
  "textToDialogue.convertWithTimestamps": async () =>
    (await client.textToDialogue.convertWithTimestamps({ inputs })).voiceSegments.map((segment) => segment.voiceId),
  "speechToSpeech.convert": (mp3) => audio(client.speechToSpeech.convert(HARPER, { audio: file(mp3) })),
  "speechToSpeech.stream": (mp3) => audio(client.speechToSpeech.stream(HARPER, { audio: file(mp3) })),
  "audioIsolation.convert": (mp3) => audio(client.audioIsolation.convert({ audio: file(mp3) })),
  "audioIsolation.stream": (mp3) => audio(client.audioIsolation.stream({ audio: file(mp3) })),
  "speechToText.convert": async (mp3) =>
    (await client.speechToText.convert({ modelId: "scribe_v2", file: file(mp3) })).text,
  "speechToText.realtime": transcribeLive,
  forcedAlignment: async (mp3) =>
    (await client.forcedAlignment.create({ file: file(mp3), text: SENTENCE })).words.map((word) => word.text).join(""),
  textToSoundEffects: () => audio(client.textToSoundEffects.convert({ text: "a dog barks", durationSeconds: 1 })),
  "history.list": async () => (await client.history.list({ search: "quick" })).history[0].text,
  "history.getAudio": async () => {
    const items = (await client.history.list({ sortDirection: "asc" })).history;
    return audio(client.history.getAudio(items[0].historyItemId));
  },
  "history.delete": async () => {
    const item = (await client.history.list({ sortDirection: "asc" })).history[0];
    return (await client.history.delete(item.historyItemId)).status;
  },
  pronunciationDictionaries: async () => {
    const rules = [{ type: "alias", stringToReplace: "UN", alias: "United Nations" }];
    const made = await client.pronunciationDictionaries.createFromRules({ name: "Names", rules });
    const read = await client.pronunciationDictionaries.get(made.id);
    const listed = (await client.pronunciationDictionaries.list()).pronunciationDictionaries;
    return [read.rules[0].alias, listed.some((one) => one.id === made.id)];
  },
  usage: async () => {
    const now = Date.now();
    return Object.keys((await client.usage.get({ startUnix: now - 86_400_000, endUnix: now })).usage);
  },
  user: async () => (await client.user.get()).subscription.tier,
  subscription: async () => (await client.user.subscription.get()).characterCount,
  "tokens.singleUse": async () => (await client.tokens.singleUse.create("realtime_scribe")).token,
  "agents.list": async () => (await convai.agents.list()).agents.map((agent) => agent.agentId),
  "agents.get": async () => (await convai.agents.get("agent_sandbox_chat")).name,
  conversations: async () => {
    const conversationId = await talk();
    const listed = (await convai.conversations.list({ pageSize: 100 })).conversations;
    const read = await convai.conversations.get(conversationId);
    await convai.conversations.delete(conversationId);
    const results = read.transcript.flatMap((turn) => turn.toolResults ?? []);
    return [listed.some((one) => one.conversationId === conversationId), read.status, results[0].resultValue];
  },
  signedUrl: async () => (await convai.conversations.getSignedUrl({ agentId: "agent_sandbox_private" })).signedUrl,
  "error: key": () => refused("wrong", (other) => other.models.list()),
  "error: credits": () => refused("broke", (other) => other.textToSpeech.convert(HARPER, { text: SENTENCE })),
  "error: permission": () => refused("restricted", (other) => other.voices.getAll()),
  "error: voice": () => refused("any", (other) => other.textToSpeech.convert("not-a-voice", { text: "Hi." })),
};

const run = async () => {
  const mp3 = await bytes(await speech.convert(HARPER, { text: SENTENCE }));
  const results = {};
  for (const [name, call] of Object.entries(CALLS)) {
    try {
      results[name] = { value: await call(mp3) };
    } catch (error) {
      results[name] = { error: String(error.stack ?? error) };
    }
  }
  process.stdout.write(JSON.stringify(results));
};

run();
