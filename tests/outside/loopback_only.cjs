// Loaded before a program: a connection to another machine fails, and so names itself.
const net = require("node:net");

const LOCAL = ["127.0.0.1", "::1", "localhost"];
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...words) {
  const given = Array.isArray(words[0]) ? words[0][0] : words[0];
  const host = typeof given === "object" ? given.host : typeof words[1] === "string" ? words[1] : "localhost";
  if (!LOCAL.includes(host ?? "localhost")) throw new Error(`a client asked for ${host}`);
  return connect.apply(this, words);
};
