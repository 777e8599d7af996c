import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { components } from "@/api/schema";
import { uploadFile } from "@/api/upload";

export type Preview = components["schemas"]["FilePreviewOut"];
export type Answers = components["schemas"]["AnswersIn"];
export type Kind = components["schemas"]["KindOut"];
export type Import = components["schemas"]["ImportOut"];
export type Template = components["schemas"]["TemplateOut"];

export const kindsQuery = queryOptions({ queryKey: ["imports", "kinds"] as const, queryFn: async (): Promise<Kind[]> => (await ask(api.GET("/api/imports/kinds"))).items, staleTime: Infinity });
export const importsQuery = infiniteQueryOptions({
  queryKey: ["imports", "list"] as const,
  queryFn: ({ pageParam }) => ask(api.GET("/api/imports", { params: { query: { limit: 30, ...(pageParam === null ? {} : { cursor: pageParam }) } } })),
  initialPageParam: null as number | null,
  getNextPageParam: (page) => page.next_cursor,
});
export const templatesQuery = queryOptions({ queryKey: ["imports", "templates"] as const, queryFn: async (): Promise<Template[]> => (await ask(api.GET("/api/imports/templates"))).items });
export const badRowsQuery = (import_id: number) => queryOptions({ queryKey: ["imports", "bad-rows", import_id] as const, queryFn: () => ask(api.GET("/api/imports/{import_id}/bad-rows", { params: { path: { import_id }, query: { limit: 100 } } })), staleTime: Infinity });

export const uploadImport = (file: File, onProgress: (percent: number) => void, onStart: (stop: () => void) => void): Promise<Preview> => uploadFile<Preview>("/api/imports/uploads", file, onProgress, onStart);
export const previewAgain = (upload_id: number, answers: Answers): Promise<Preview> => ask(api.POST("/api/imports/uploads/{upload_id}/preview", { params: { path: { upload_id } }, body: answers }));
export const startImport = (upload_id: number, answers: Answers, save_template: string) => ask(api.POST("/api/imports", { body: { upload_id, answers, save_template } }));
export const cancelImport = (import_id: number) => ask(api.POST("/api/imports/{import_id}/cancellation", { params: { path: { import_id } } }));
export const undoImport = (import_id: number, reason: string) => ask(api.POST("/api/imports/{import_id}/undo", { params: { path: { import_id } }, body: { reason } }));
export const forgetTemplate = (signature: string) => ask(api.DELETE("/api/imports/templates/{signature}", { params: { path: { signature } } }));
