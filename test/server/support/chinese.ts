/** Every page in Chinese, and what one does there, by the names that stand there: without them nobody finds the way. */
import type { Page } from 'playwright-core';

export interface Flow {
  readonly path: string;
  /** Of the page; on Talk what its first button says. */
  readonly title: string;
  /** A selector: what the page shows is there. */
  readonly ready: string;
  /** Does it. What does not come is waited for until the file's time is over. */
  use(page: Page): Promise<void>;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** @param session that stays, whatever is asked */
export const flows = (session: string): readonly Flow[] => [
  {
    path: '/sessions.html',
    title: '仪表盘',
    ready: '#sessions tr',
    async use(page) {
      await button(page, `结束会话 ${session.slice(0, 8)}`).click();
      const question = page.getByRole('dialog', { name: '结束这个会话？正在观看的人将失去画面和声音。' });
      await question.getByRole('button', { name: '取消' }).click();
      await question.waitFor({ state: 'detached' });
      await page.getByLabel('至少').selectOption({ label: '警告' });
      await page.getByRole('list', { name: '日志' }).getByText('警告').first().waitFor();
    },
  },
  {
    path: `/session.html?id=${session}`,
    title: '会话',
    ready: '.node:has-text("lipsyncfilter")',
    async use(page) {
      await page.getByLabel('要它说什么？').fill('Good morning.');
      await button(page, '说').click();
      await page.locator('#events li:has-text("Good morning.")').first().waitFor();
      await button(page, '打断').click();
      await button(page, '观看').click();
      await page.locator('#viewers [data-name="编码"]:has-text("H264")').waitFor();
      await button(page, '停止观看').click();
      const question = page.getByRole('dialog', { name: '你是唯一的观看者：你离开会话就结束。' });
      await question.getByRole('button', { name: '取消' }).click();
      await question.waitFor({ state: 'detached' });
    },
  },
  {
    path: '/avatars.html',
    title: '形象',
    ready: '#avatars > li',
    async use(page) {
      await button(page, '检查: Ava, drawn').click();
      await page.locator('#avatars li:has-text("Ava, drawn") .report li').first().waitFor();
      await page.getByLabel('把视频或照片拖到这里，或选择一个').setInputFiles({
        name: 'x.png',
        mimeType: 'image/png',
        buffer: Buffer.from('no picture'),
      });
      await page.locator('[name=avatar_id]').fill('zh-of-a-test');
      await button(page, '制作').click();
      await page.locator('#tasks li:has-text("zh-of-a-test") .problem').waitFor();
    },
  },
  {
    path: '/graphs.html',
    title: '图',
    ready: '#verdict:has-text("没有问题。")',
    async use(page) {
      const text = page.getByLabel('图（YAML）');
      await text.fill((await text.inputValue()).replace('factory: cutgate', 'factory: cutgait'));
      await page.locator('#verdict:has-text("1 处要改")').waitFor();
      await page.getByRole('list', { name: '有什么问题' }).getByText('cutgate').waitFor();
      await button(page, '恢复原样').click();
      await page
        .getByRole('dialog', { name: '放弃你的改动？' })
        .getByRole('button', { name: '放弃' })
        .click();
      await page.locator('#verdict:has-text("没有问题。")').waitFor();
    },
  },
  {
    path: '/api.html',
    title: '接口',
    ready: 'details.route',
    async use(page) {
      await page.getByLabel('查找').fill('no such route');
      await page.getByText('没有这样的接口。').waitFor();
      await page.getByLabel('查找').fill('/v1/models');
      const route = page.locator('details.route:visible');
      await route.locator('summary').first().click();
      await route.getByRole('button', { name: '发送' }).click();
      await route.locator('.said:has-text("tinylip")').waitFor();
    },
  },
  {
    path: '/?avatar=drawn',
    title: '开始',
    ready: '#presenters input[value=drawn]:checked',
    async use(page) {
      await button(page, '开始').click();
      await page.locator('#state:has-text("空闲")').waitFor();
      await page.getByLabel('要我说什么？').fill('Hello, and good morning to whoever reads Chinese here.');
      await button(page, '说').click();
      await page.locator('#state:has-text("正在说话")').waitFor();
      await page.getByRole('list', { name: '对话' }).getByText('Hello,').waitFor();
      await button(page, '打断').click();
      await page.locator('#state:has-text("空闲")').waitFor();
    },
  },
];
