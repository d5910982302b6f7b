import t from 'tap';
import { chatServer } from '../../../src/dialog/llm/server.js';

t.test('LiveTalking’s key asks its model, OpenAI’s its own, and nothing asks nobody', async (t) => {
  t.equal(chatServer({}, {}), undefined);
  t.same(chatServer({}, { DASHSCOPE_API_KEY: 'd', OPENAI_API_KEY: 'o' }), {
    url: 'https://dashscope.aliyuncs.com/compatible-mode/v1',
    model: 'qwen-plus',
    key: 'd',
    keyNames: ['DASHSCOPE_API_KEY'],
    lengthField: 'max_tokens',
  });
  t.match(chatServer({ model: 'gpt-x' }, { OPENAI_API_KEY: 'o' }), {
    url: 'https://api.openai.com/v1',
    model: 'gpt-x',
    key: 'o',
    lengthField: 'max_completion_tokens',
  });
});

t.test('an address that is set goes before the keys of services, and gets none of them', async (t) => {
  const env = { DASHSCOPE_API_KEY: 'd', OPENAI_API_KEY: 'o', LLM_MODEL: 'qwen3' };
  t.same(chatServer({ url: 'http://127.0.0.1:11434/v1/' }, env), {
    url: 'http://127.0.0.1:11434/v1',
    model: 'qwen3',
    keyNames: ['LLM_API_KEY'],
    lengthField: 'max_tokens',
  });
  t.match(
    chatServer({}, { ...env, LLM_BASE_URL: 'https://llm.test/v1/chat/completions', LLM_API_KEY: 'l' }),
    {
      url: 'https://llm.test/v1',
      key: 'l',
    },
  );
  t.match(chatServer({ url: 'https://api.openai.com/v1' }, env), { key: 'o', model: 'qwen3' });
});

t.test('what cannot be an address is told, as is a model that nobody named', async (t) => {
  for (const url of ['localhost:11434', 'ftp://a/v1', 'http://a/v1?key=1', 'nonsense']) {
    t.throws(
      () => chatServer({ url, model: 'm' }, {}),
      { code: 'resource/settings', message: /base address/ },
      url,
    );
  }
  t.throws(() => chatServer({ url: 'http://user:pass@a/v1' }, {}), { message: /a model for a:/ });
});
