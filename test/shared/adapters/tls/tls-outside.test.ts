import { tlsOutside } from '../../../../shared/adapters/tls/tls-outside.ts';
import { handshakesContract } from '../../../contracts/handshakes.ts';

handshakesContract('node:tls', tlsOutside);
