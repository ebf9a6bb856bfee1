/** node:tls under the contract of whoever connects from outside. */
import { tlsOutside } from '../../../../shared/adapters/tls/tls-outside.ts';
import { handshakesContract } from '../../../contracts/handshakes.ts';

handshakesContract('node:tls', tlsOutside);
