// Forms in, pages and JSON out.

const bodyLimit = 64 * 1024;

export async function readForm(req) {
  let body = '';
  for await (const chunk of req.setEncoding('utf8')) {
    body += chunk;
    if (body.length > bodyLimit) throw new Error('form too large');
  }
  return new URLSearchParams(body);
}

const send = (res, status, type, body) => {
  res.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  res.end(body);
};

export const html = (res, status, body) => send(res, status, 'text/html; charset=utf-8', body);
export const json = (res, status, body) => send(res, status, 'application/json', JSON.stringify(body));
