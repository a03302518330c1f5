import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { openConnection } from '../rpc/connection.ts';
import { ConnectionContext } from '../rpc/host-context.tsx';
import { openTransport } from '../rpc/open-transport.ts';
import { createQueryClient, refetchOnReturn } from '../rpc/queries.ts';
import '../ui/base.css';
import { leaveGuarded } from '../ui/leave-guard.ts';
import { preloadPage } from './pages/pages.tsx';
import { Shell } from './shell.tsx';

// On its way while everything else is made ready.
preloadPage(location.hash.replace('#', ''));
const connection = openConnection(openTransport);
const queries = createQueryClient();
refetchOnReturn(queries, connection);
const place = document.getElementById('window');
if (!place) throw new Error('The page has no place for the window.');
createRoot(place).render(
  <StrictMode>
    <ConnectionContext value={connection}>
      <QueryClientProvider client={queries}>
        {/* The page's policy allows no style elements made by scripts. */}
        <CSPProvider disableStyleElements>
          <Tooltip.Provider delay={400}>
            <Router hook={useHashLocation} aroundNav={leaveGuarded}>
              <Shell />
            </Router>
          </Tooltip.Provider>
        </CSPProvider>
      </QueryClientProvider>
    </ConnectionContext>
  </StrictMode>,
);
