/** What a media file is, as its bytes say. The words of every reader of a format in this folder. */

/** Metadata that its author may not want to publish. */
export interface Personal {
  /** Where it was taken. */
  hasLocation: boolean;
  /** Serial numbers, or the owner's name, of a camera. */
  hasSerial: boolean;
}

export interface ImageFacts extends Personal {
  kind: "image";
  mime: "image/jpeg" | "image/png" | "image/webp" | "image/gif";
  width: number;
  height: number;
  /** 1 for a still image. */
  frames: number;
  /** Of a JPEG: with arithmetic coding in place of Huffman's. */
  isArithmetic?: boolean;
  /** Of a JPEG that decoders of common ones do not read: what it is. */
  rare?: string | null;
  /** Why it cannot be shown whole; null when nothing of that is known. */
  broken: string | null;
}

export interface VideoFacts extends Personal {
  kind: "video";
  mime: "video/mp4" | "video/quicktime";
  /** Null where the file does not say. */
  durationMs: number | null;
  /** As it is shown, that is turned. */
  width: number | null;
  height: number | null;
  framesPerSecond: number | null;
  /** The four characters of the sample entry: avc1, hvc1, av01, … */
  codec: string | null;
  /** 4:2:0, 4:2:2 or 4:4:4; null where the codec's header does not say. */
  chroma: string | null;
  /** Bits of each colour; null where the codec's header does not say. */
  bits: number | null;
  audioCodec: string | null;
  hasVideo: boolean;
  broken: string | null;
}

export type MediaFileFacts = ImageFacts | VideoFacts;

/** Reads a part of the file; shorter at its end. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;
