// Forms in, pages and JSON out.

const bodyLimit = 64 * 1024;

export async function readBody(req) {
  let body = '';
  for await (const chunk of req.setEncoding('utf8')) {
    body += chunk;
    if (body.length > bodyLimit) throw new Error('body too large');
  }
  return body;
}

export const readForm = async (req) => new URLSearchParams(await readBody(req));

const send = (res, status, type, body) => {
  res.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  res.end(body);
};

export const html = (res, status, body) => send(res, status, 'text/html; charset=utf-8', body);
export const json = (res, status, body) => send(res, status, 'application/json', JSON.stringify(body));
