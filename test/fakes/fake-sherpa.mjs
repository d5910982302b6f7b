/**
 * The part of the npm package sherpa-onnx-node that is used, without a model: https://k2-fsa.github.io/sherpa/onnx/javascript-api/
 * It hears nothing. A streaming one understands another word every half second of sound, another one tells how much sound there was.
 * What a model's folder is called tells what is wrong with it.
 */
class Stream {
  samples = 0;
  decoded = 0;
  acceptWaveform({ sampleRate, samples }) {
    if (sampleRate !== 16000 || !(samples instanceof Float32Array))
      throw new Error('expected floats at 16 kHz');
    this.samples += samples.length;
  }
  inputFinished() {
    this.finished = true;
  }
}

class Recognizer {
  constructor(config) {
    this.config = config;
    const { tokens } = config.modelConfig;
    if (typeof tokens !== 'string') throw new Error('expected tokens');
    if (tokens.includes('broken')) throw new Error('the file is broken');
  }
  createStream() {
    return new Stream();
  }
}

export class OnlineRecognizer extends Recognizer {
  isReady(stream) {
    return stream.decoded + 8000 <= stream.samples;
  }
  decode(stream) {
    stream.decoded += 8000;
  }
  getResult(stream) {
    return { text: ['one', 'two', 'three', 'four'].slice(0, stream.decoded / 8000).join(' ') };
  }
}

export class OfflineRecognizer extends Recognizer {
  decode(stream) {
    const { tokens } = this.config.modelConfig;
    if (tokens.includes('failing')) throw new Error('cannot decode');
    if (tokens.includes('deadly')) process.kill(process.pid, 'SIGSEGV');
    while (tokens.includes('hanging'));
    stream.decoded = stream.samples;
  }
  getResult(stream) {
    const { whisper } = this.config.modelConfig;
    return { text: ` ${whisper ? 'whisper' : 'sense'} ${stream.decoded} ` };
  }
}
