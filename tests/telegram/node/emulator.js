// Starts the emulator on the port given, and says so once it listens.
const TelegramServer = require("telegram-test-api");

const Server = TelegramServer.TelegramServer || TelegramServer.default || TelegramServer;
const server = new Server({ port: Number(process.argv[2]), host: "127.0.0.1", storeTimeout: 600 });
server.start().then(() => console.log("ready"));
