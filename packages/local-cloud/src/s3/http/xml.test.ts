import { buildXml, child, nodes, parseXml, text, texts } from './xml.ts';

describe('parseXml', () => {
  it('reads what the SDK and people write', () => {
    const document = parseXml(
      `<?xml version="1.0" encoding="UTF-8"?>
       <!-- keys -->
       <Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
         <Object><Key> a &amp; b&#x41;&#10; </Key></Object>
         <Object><Key><![CDATA[<raw>]]></Key><VersionId/></Object>
         <Quiet>true</Quiet>
       </Delete>`,
      'Delete',
    );
    expect(nodes(document, 'Object').map((one) => text(one, 'Key'))).toEqual([' a & bA\n ', '<raw>']);
    expect(texts(document, 'Quiet')).toEqual(['true']);
    expect(child(document, 'Missing')).toBeUndefined();
  });

  it('counts an empty element as one without children', () => {
    expect(nodes(parseXml('<N><EventBridgeConfiguration/></N>', 'N'), 'EventBridgeConfiguration')).toEqual([{}]);
    expect(parseXml('<N/>', 'N')).toEqual({});
  });

  it.each([
    '',
    'text',
    '<Other/>',
    '<N>',
    '<N></M>',
    '<N/><N/>',
    '<N>&undefined;</N>',
    '<N>a & b</N>',
    '<!DOCTYPE N [<!ENTITY a "b">]><N>&a;</N>',
    '<N a=b/>',
    `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`,
  ])('refuses %j', (source) => {
    expect(() => parseXml(source, 'N')).toThrow(expect.objectContaining({ code: 'MalformedXML', status: 400 }));
  });

  it('is undone by buildXml', () => {
    const node = { Key: '<a> & "b"\r\n\u0001 ü😀', List: [{ A: '1' }, { A: '2' }], Gone: undefined };
    expect(parseXml(buildXml('N', node), 'N')).toEqual({ Key: node.Key, List: node.List });
  });
});
