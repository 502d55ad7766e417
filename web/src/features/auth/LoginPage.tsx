import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { api, told } from '@/api/client';
import { Failure } from '@/components/Failure';
import { Field } from '@/components/Field';

import { Door } from './Door';
import { Enrolment } from './Enrolment';
import { SecondFactor } from './SecondFactor';

/** Name and password, then whatever more the server asks for. */
export function LoginPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [userId, setUserId] = useState('');
  const [password, setPassword] = useState('');
  const login = useMutation({
    mutationFn: () =>
      told(api.POST('/api/auth/login', { body: { user_id: userId.trim(), password } })),
    onSuccess: (answer) => {
      setPassword('');
      if (answer.next === 'DONE') enter();
    },
    onError: () => {
      setPassword('');
    },
  });
  const enter = (): void => {
    client.clear();
    void navigate('/', { replace: true });
  };
  if (login.data?.next === 'TOTP') return <SecondFactor onDone={enter} />;
  if (login.data?.next === 'ENROL') return <Enrolment onDone={enter} />;
  return (
    <Door
      title={t('door.title')}
      lead={t('door.lead')}
      onSubmit={() => {
        login.mutate();
      }}
    >
      <Field
        label={t('door.user')}
        value={userId}
        onChange={setUserId}
        autoComplete="username"
        autoFocus
      />
      <Field
        label={t('door.password')}
        value={password}
        onChange={setPassword}
        kind="password"
        autoComplete="current-password"
      />
      <Failure error={login.error} />
      <button
        type="submit"
        className="solid"
        disabled={!userId.trim() || !password || login.isPending}
      >
        {login.isPending ? t('door.entering') : t('door.enter')}
      </button>
    </Door>
  );
}
