import { expect, it } from 'vitest';
import { escapeHtml, html, scriptJson } from '../../src/report/html.ts';
import { joinModules, pageScript } from '../../src/report/page-assets.ts';

it('whatever is put into a page is text, unless it is made of templates', () => {
  const name = `<img src=x onerror="alert('1')">&`;
  expect(html`<b title="${name}">${[name, 1, undefined, html`<i>${'<'}</i>`]}</b>`.text).toBe(
    '<b title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">' +
      '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;1<i>&lt;</i></b>',
  );
});

it('what hides or reorders text is shown, and lines stay lines', () => {
  expect(escapeHtml('a\u202eb\n\tc\u0000')).toBe('a&lt;U+202E&gt;b\n\tc&lt;U+0000&gt;');
});

it('JSON in a script element cannot end it', () => {
  const value = { name: '</script><!--\u2028&' };
  const { text } = scriptJson(value);
  expect(text).not.toMatch(/[<>&\u2028]/);
  expect(JSON.parse(text)).toEqual(value);
});

it('page scripts become one script that needs no other', async () => {
  const joined = joinModules(
    await Promise.all((['curves', 'chart-grid', 'report'] as const).map((name) => pageScript(name))),
  );
  expect(joined).not.toMatch(/^\s*(?:import|export)\b/m);
  expect(joined).toContain('class RunCurves');
  // it is a script: parsing it, without running it, throws nothing
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is parsed and not called
  expect(() => new Function(joined)).not.toThrow();
  expect(() => joinModules([`export * from './other.js';`])).toThrow('another form');
});
