// An application on Express's defaults: it reads paths in any case, with or without a slash at the end.
import express from "express";

const app = express();
app.get("/admin/minutes", (_, answer) => answer.send("The minutes"));
app.use((request, answer) => answer.json({ method: request.method, path: request.path, headers: request.headers }));
const server = app.listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listening"));

process.stdin.resume();
process.stdin.on("end", () => server.close(() => process.exit()));
