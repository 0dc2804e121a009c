import type { Command } from 'commander';
import type { SourceSettings, TargetSettings } from '../config/sides.ts';
import type { ServerKind } from '../importer/create-tables.ts';
import type { MysqlAddress } from '../mysql/address.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { begin, commandWith } from './command.ts';
import {
  replicaLagOption,
  schemaOptions,
  sourceOption,
  sourceTableOption,
  swapOption,
  targetOptions,
} from './options.ts';
import { print } from './print.ts';
import type { Session } from './session.ts';

type SchemaFlags = TargetSettings &
  Pick<SourceSettings, 'source' | 'sourceTable'> & {
    readonly server: ServerKind;
    readonly productIds: IdOrder;
    readonly swap?: boolean;
    readonly maxReplicaLag?: number;
  };

/** `also-viewed schema` */
export function schemaCommand(session: Session): Command {
  const options = () => [
    sourceOption('whose views the job reads; without it their grant is left out'),
    sourceTableOption(),
    ...targetOptions(),
    swapOption('also the grants that --swap of the other commands needs'),
    replicaLagOption('also the grant that --max-replica-lag of the other commands needs'),
    ...schemaOptions(),
  ];
  return commandWith('schema', 'print the DDL of the target tables and the least grants', options)
    .addHelpText(
      'after',
      '\nExample:\n  also-viewed schema --source mysql://reader@db/shop --target mysql://writer@db/shop --server mariadb --product-ids text',
    )
    .action(async (_: unknown, command: Command) => {
      const effects = await begin(command, session);
      const { source, sourceTable, target, targetTable, maxReplicaLag, ...flags } = command.opts<SchemaFlags>();
      const { schemaSql } = await import('../importer/schema.ts');
      const { isMysqlUri, parseMysqlUri } = await import('../mysql/address.ts');
      const addressOf = (uri: string | undefined): MysqlAddress | undefined =>
        uri !== undefined && isMysqlUri(uri) ? parseMysqlUri(uri) : undefined;
      const address = addressOf(target);
      const views = addressOf(source);
      const sql = schemaSql({
        ...flags,
        table: targetTable,
        ids: flags.productIds,
        source: views && { database: views.database, table: sourceTable, user: views.user || 'reader' },
        replica: maxReplicaLag !== undefined,
        database: address?.database ?? 'shop',
        job: address?.user || 'writer',
      });
      await print(sql, effects);
    });
}
