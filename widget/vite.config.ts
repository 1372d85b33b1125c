import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    target: "es2021",
    lib: { entry: "src/main.ts", name: "BabyGuide", formats: ["iife"], fileName: () => "widget.js" },
    reportCompressedSize: true,
  },
  test: { environment: "jsdom", include: ["test/**/*.test.ts"] },
});
