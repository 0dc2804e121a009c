/** The name of the file, wherever a client of Hadoop finds it. */
export const propertiesFile = 'also-viewed.xml';

/**
 * Properties as a configuration file of Hadoop, for its option `-conf`: what stands in an argument (`-D`), the list of processes shows to
 * everybody, and a property may be a secret key.
 *
 * @param properties as `name=value`; of two with one name the last one holds
 */
export function propertiesXml(properties: readonly string[]): string {
  const elements = properties.map((property) => {
    const value = property.slice(nameOf(property).length + 1);
    return `<property><name>${escaped(nameOf(property))}</name><value>${escaped(value)}</value></property>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<configuration>\n${elements.join('')}</configuration>\n`;
}

/** The name of a property that is given as `name=value`. */
export function nameOf(property: string): string {
  const end = property.indexOf('=');
  return end === -1 ? property : property.slice(0, end);
}

/** Controls as references too: of CR LF a reader of XML would make LF. */
function escaped(text: string): string {
  return text.replace(/[&<>\p{Cc}]/gu, (sign) => `&#${sign.codePointAt(0)};`);
}
