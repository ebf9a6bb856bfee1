/** Who decides what is in a place, for people. */
import type { Ownership } from '../../shared/contract/observation.ts';

/** Who decides what is in a place, in words. */
export function ownershipWords(ownership: Ownership | { readonly is: 'unknown' }): string {
  switch (ownership.is) {
    case 'absent':
      return 'nothing is there';
    case 'ours':
      return 'ours';
    case 'other-installation':
      return `of another installation of this fleet (${ownership.installation}): can be taken over`;
    case 'owned':
      return `owned by ${ownership.owner}, who would write again: never taken over`;
    case 'adoptable':
      return `made by ${ownership.by}: can be taken over`;
    case 'unwritable':
      return `cannot be written: ${ownership.why}`;
    case 'unknown':
      return 'not looked at yet';
  }
}

/** Whether somebody's consent is all that is missing. */
export const isOpenToConsent = ({ is }: Ownership): boolean => is === 'adoptable' || is === 'other-installation';
