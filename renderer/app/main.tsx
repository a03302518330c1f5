import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { openConnection } from '../rpc/connection.ts';
import { ConnectionContext } from '../rpc/host-context.tsx';
import { openTransport } from '../rpc/open-transport.ts';
import { createQueryClient } from '../rpc/queries.ts';
import '../ui/base.css';
import { Shell } from './shell.tsx';

const connection = openConnection(openTransport);
const queries = createQueryClient();
const place = document.getElementById('window');
if (!place) throw new Error('The page has no place for the window.');
createRoot(place).render(
  <StrictMode>
    <ConnectionContext value={connection}>
      <QueryClientProvider client={queries}>
        <Router hook={useHashLocation}>
          <Shell />
        </Router>
      </QueryClientProvider>
    </ConnectionContext>
  </StrictMode>,
);
