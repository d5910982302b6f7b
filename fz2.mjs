import fc from 'fast-check'; import {writeSync, openSync} from 'node:fs';
import { Pipeline } from './dist/src/graph/pipeline.js';
const word = fc.constantFrom('identity','queue','fakesrc','fakesink','tee','name=a','name=b','a.','b.','a.src','.src','.sink','!',' ! ',':','(',')','bin.(','silent=true','name="x y"','video/x-raw','! video/x-raw,width=5 !','! audio/x-raw ; video/x-raw !',',','.','=','"','\\','a.src_0,src_1','file:///x','@preset=x','{','}',';','name=a"b c"d','x="a\\\\"','name=\'q\'', ' ', '\n','!identity!','a.!b.','identity.src');
const gen = fc.array(word,{minLength:1,maxLength:9}).chain(ws=>fc.array(fc.constantFrom(' ','','  '),{minLength:ws.length,maxLength:ws.length}).map(ss=>ws.map((w,i)=>w+(ss[i]||(i%3?' ':''))).join('')));
for (const line of fc.sample(gen, {numRuns:4000, seed: Number(process.argv[2])})) {
  writeSync(3, line+'\0');
  try { const p=Pipeline.launch(line); await p.close(); } catch(e){ }
}
