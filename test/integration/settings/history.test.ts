import { testSettings } from './observed/every-setting.ts';

testSettings('history');
