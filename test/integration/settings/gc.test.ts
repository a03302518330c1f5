import { testSettings } from './observed/every-setting.ts';

testSettings('gc');
