import type { TestSystem } from '../../support/system.ts';
import type { Recorder } from './recorder.ts';
import type { Bytes } from './uploading.ts';

/** A running system, one photograph, and the recorder that holds every answer against the document. */
export interface Bench {
  system: TestSystem;
  recorder: Recorder;
  photo: Bytes;
}
