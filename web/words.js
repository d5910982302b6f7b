// @ts-check
/** The page's words in the reader's language. They stand in the page in English; a language is a table from these. */

/** @type {Readonly<Record<string, Readonly<Record<string, string>>>>} */
const TABLES = {
  zh: {
    Presenter: '数字人',
    Conversation: '对话',
    Start: '开始',
    'not connected': '未连接',
    connecting: '连接中',
    'connection lost': '连接已断开',
    failed: '失败',
    idle: '空闲',
    speaking: '正在说话',
    listening: '正在听',
    thinking: '思考中',
    'Who speaks?': '由谁来说？',
    'What shall I do with it?': '要我怎么做？',
    answer: '回答',
    say: '照着说',
    'What shall I say?': '要我说什么？',
    'What would you like to know?': '想问什么？',
    'Type a sentence, then press Enter': '输入一句话，然后按回车键',
    'interrupt what is being said': '打断正在说的话',
    Interrupt: '打断',
    Speak: '说',
    Ask: '提问',
    'first sound': '首个声音',
    frames: '帧率',
    bitrate: '码率',
    'round trip': '往返时延',
    lost: '丢包',
    Controls: '控制',
    Microphone: '麦克风',
    Mute: '静音',
    'Hold to talk': '按住说话',
    'Captions over the picture': '画面字幕',
    'microphone off': '麦克风已关',
    'asking for the microphone': '正在请求麦克风',
    'microphone on': '麦克风已开',
    'microphone muted': '麦克风已静音',
    'hold to talk': '按住说话',
    'microphone blocked: allow it beside the address of this page, then press again':
      '麦克风被阻止：请在地址栏旁允许使用，然后再按一次',
    'no microphone was found: plug one in, then press again': '未找到麦克风：请接入后再按一次',
    'the microphone needs a page from localhost or over https': '麦克风需要 localhost 或 https 页面',
    'the microphone has gone': '麦克风已断开',
    'How I am heard': '怎样听我说',
    'hold to talk: the space bar, or the button on the picture': '按住说话：空格键，或画面上的按钮',
    'interrupt by voice': '开口即打断',
    Voice: '声音',
    Listen: '试听',
    Stop: '停止',
    "the server's choice": '服务器默认',
    'not set up': '未配置',
    female: '女',
    male: '男',
  },
};

const [language = 'en'] = navigator.language.toLowerCase().split('-', 1);
const table = TABLES[language];

/** @param {string} english @returns {string} */
export const say = (english) => table?.[english] ?? english;

const ATTRIBUTES = ['aria-label', 'placeholder', 'title'];

/** Puts all words below `place` into the reader's language. @param {HTMLElement} place */
export function translate(place) {
  if (table === undefined) return;
  document.documentElement.lang = navigator.language;
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const words = node.nodeValue?.trim() ?? '';
    if (words !== '') node.nodeValue = node.nodeValue?.replace(words, () => say(words)) ?? null;
  }
  for (const name of ATTRIBUTES) {
    for (const element of place.querySelectorAll(`[${name}]`))
      element.setAttribute(name, say(element.getAttribute(name) ?? ''));
  }
}
