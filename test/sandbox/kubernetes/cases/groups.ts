/** All groups of cases. Those that need cert-manager's kinds say so. */
import type { Group } from '../replay.ts';
import { accessGroup } from './access.ts';
import { applyGroup, applyOnOthers, applyRefusals } from './apply.ts';
import { listGroup } from './lists.ts';
import { certManagerGroup, ingressGroup } from './other-kinds.ts';
import { ownersGroup } from './owners.ts';
import { secretChanges, secretLife, secretRefusals } from './secrets.ts';

export const GROUPS: readonly Group[] = [
  accessGroup,
  secretLife,
  secretRefusals,
  secretChanges,
  applyGroup,
  applyOnOthers,
  applyRefusals,
  ownersGroup,
  listGroup,
  ingressGroup,
  certManagerGroup,
];
