import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const backEnd = process.env.MIAOHUI_DEV_SERVER ?? "http://127.0.0.1:8720";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: { target: "es2022", sourcemap: false, reportCompressedSize: false, chunkSizeWarningLimit: 1500, manifest: true },
  server: { proxy: { "/api": { target: backEnd, ws: true }, "/files": { target: backEnd } } },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"], pool: "threads", maxWorkers: 1, isolate: false },
});
