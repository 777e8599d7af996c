import { ApiError, chosenShop, OFFLINE, type ErrorBody } from "@/api/client";
import type { components } from "@/api/schema";

/**
 * Sends one file and tells how far it is, which `fetch` cannot. Raises: ApiError.
 * Units: `onProgress` gets percent, 0–100. `onStart` gets what stops the upload.
 */
export function uploadFile<T = components["schemas"]["AttachmentOut"]>(address: string, file: File, onProgress: (percent: number) => void, onStart: (stop: () => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, file.name || "image.png");
    request.open("POST", address);
    request.responseType = "json";
    request.setRequestHeader("X-Miaohui-Csrf", "1");
    const shop = chosenShop();
    if (shop !== null) request.setRequestHeader("X-Miaohui-Shop", String(shop));
    request.upload.onprogress = (event) => onProgress(event.total > 0 ? Math.round((event.loaded / event.total) * 100) : 0);
    request.onload = () => {
      if (request.status < 300) resolve(request.response as T);
      else reject(new ApiError(request.status, (request.response ?? { ...OFFLINE, code: `http.${request.status}` }) as ErrorBody));
    };
    request.onerror = () => reject(new ApiError(0, OFFLINE));
    request.onabort = () => reject(new ApiError(0, OFFLINE));
    onStart(() => request.abort());
    request.send(form);
  });
}
