import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { api, told } from '@/api/client';
import { Failure } from '@/components/Failure';
import { Field } from '@/components/Field';

import { Door } from './Door';
import { Enrolment } from './Enrolment';

const SHORTEST_PASSWORD = 15;

/** The secret of a one-time link: after the `#`, so that no server and no log ever sees it. */
function takeSecret(): string {
  const secret = globalThis.location.hash.slice(1);
  if (secret) globalThis.history.replaceState(null, '', '/setup');
  return secret;
}

/** Makes an account of a one-time link: password, second factor, recovery codes. */
export function SetupPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [secret] = useState(takeSecret);
  const [userId, setUserId] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const state = useQuery({
    queryKey: ['setup'],
    queryFn: () => told(api.GET('/api/auth/setup')),
    enabled: secret.length > 0,
  });
  /** The first administrator chooses a name; an invitation carries one. */
  const isFirst = state.data?.is_needed ?? false;
  const setup = useMutation({
    mutationFn: () =>
      told(
        api.POST('/api/auth/setup', {
          body: { secret, user_id: isFirst ? userId.trim() : null, password },
        }),
      ),
  });
  const enter = (): void => {
    client.clear();
    void navigate('/', { replace: true });
  };
  if (setup.isSuccess) return <Enrolment onDone={enter} />;
  if (!secret)
    return (
      <Door title={t('door.setup')} lead={t('door.noSecret')}>
        <button type="button" className="solid" onClick={() => void navigate('/login')}>
          {t('door.title')}
        </button>
      </Door>
    );
  const differs = again.length > 0 && again !== password;
  const isNamed = !isFirst || userId.trim().length > 0;
  const isReady =
    state.isSuccess && isNamed && password.length >= SHORTEST_PASSWORD && again === password;
  return (
    <Door
      title={t('door.setup')}
      lead={t('door.setupLead')}
      onSubmit={() => {
        if (isReady) setup.mutate();
      }}
    >
      {isFirst && (
        <Field
          label={t('door.user')}
          value={userId}
          onChange={setUserId}
          autoComplete="username"
          autoFocus
        />
      )}
      <Field
        label={t('door.newPassword')}
        value={password}
        onChange={setPassword}
        kind="password"
        autoComplete="new-password"
        help={t('door.passwordHint')}
      />
      <Field
        label={t('door.passwordAgain')}
        value={again}
        onChange={setAgain}
        kind="password"
        autoComplete="new-password"
        wrong={differs}
        help={differs ? t('door.passwordDiffers') : undefined}
      />
      <Failure error={state.error ?? setup.error} />
      <button type="submit" className="solid" disabled={!isReady || setup.isPending}>
        {setup.isPending ? t('door.entering') : t('door.create')}
      </button>
    </Door>
  );
}
