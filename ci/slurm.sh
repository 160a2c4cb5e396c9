#!/usr/bin/env bash
# Runs a suite through `dirbench launch slurm` on a real Slurm of one node, interrupts the array, submits it again, and compares
# the tables with those of a local run, byte for byte. Debian or Ubuntu, as root: it installs slurm-wlm and munge if they
# are missing, keeps everything else in a temporary folder, and stops all it started.
#
#   ci/slurm.sh ./dirbench
#
# SUITE (default ci) and ONLY (a glob of dirbench run) narrow it down; SHARE=1 takes one queue in place of shards.
set -euo pipefail

binary=$(realpath "${1:?usage: ci/slurm.sh BINARY}")
suite=${SUITE:-ci}
tasks=3
further=(--backend go ${ONLY:+--only "$ONLY"})
export GOMLX_NO_AUTO_INSTALL=1

if ! { command -v slurmctld && command -v slurmd && command -v munged; } >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
fi

work=$(mktemp -d)
chmod 711 "$work" # munged wants a socket that everybody can reach
export SLURM_CONF=$work/slurm.conf

stop() {
  local status=$? pid
  [ $status = 0 ] || tail -n 20 "$work"/*.log "$work/shared store"/logs/* 2>/dev/null || true
  scancel --user=root 2>/dev/null && sleep 2
  for pid in slurmctld slurmd munge/munged; do
    kill "$(cat "$work/$pid.pid" 2>/dev/null)" 2>/dev/null || true
  done
  sleep 1
  rm -rf "$work"
  exit $status
}
trap stop EXIT

# No systemd, no cgroups, no accounting: the daemons run in the background with files of their own.
start_cluster() {
  local host
  host=$(hostname -s)
  mkdir -m 755 "$work"/{munge,state,spool}
  (umask 077 && head -c 1024 /dev/urandom >"$work/munge/munge.key")
  munged --force --key-file="$work/munge/munge.key" --socket="$work/munge/socket" --pid-file="$work/munge/munged.pid" \
    --log-file="$work/munge/munged.log" --seed-file="$work/munge/munged.seed"
  cat >"$SLURM_CONF" <<CONF
ClusterName=dirbench
SlurmctldHost=$host
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MinJobAge=86400
NodeName=$host NodeHostname=$host CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  slurmctld -f "$SLURM_CONF"
  slurmd -f "$SLURM_CONF"
  for _ in $(seq 30); do
    [ "$(sinfo -h -o %t 2>/dev/null)" = idle ] && return
    sleep 1
  done
  echo "the node is not idle: $(sinfo -h -o '%t %E')"
  return 1
}

launch() {
  "$binary" launch slurm --suite "$suite" --tasks $tasks ${SHARE:+--share} --out "$work/shared store" --data "$work/data" \
    --gpus 0 --cpus 1 --memory 0 --time 12:00:00 --script "$work/array.sh" --submit -- "${further[@]}"
}

# wait_for ID prints the exit code of each task once the array has ended.
wait_for() {
  while [ -n "$(squeue -h -j "$1" 2>/dev/null)" ]; do sleep 1; done
  scontrol -o show job "$1" | sed -E 's/.* ArrayTaskId=([0-9]+).* JobState=([A-Z]+).* ExitCode=([0-9:]+).*/task \1 \2 \3/' | sort
}

start_cluster
echo "slurm $(sinfo -V | cut -d ' ' -f 2), $(nproc) CPUs, suite $suite${ONLY:+ only $ONLY}, $tasks tasks${SHARE:+, one queue}"

id=$(launch)
until grep -qs 'epoch 1' "$work/shared store"/logs/*; do sleep 0.2; [ -n "$(squeue -h -j "$id")" ] || break; done
scancel --signal=INT --batch "$id"
echo "array $id, interrupted after its first epoch:"
wait_for "$id" | tee "$work/first.txt"
[ "$(grep -cE ' (0|130):0$' "$work/first.txt")" = $tasks ]

id=$(launch)
echo "array $id, the same again:"
wait_for "$id" | tee "$work/second.txt"
[ "$(grep -c ' COMPLETED 0:0$' "$work/second.txt")" = $tasks ]

"$binary" merge --out "$work/merged" "$work/shared store"
"$binary" report "$work/merged" >"$work/slurm.md"
"$binary" run --suite "$suite" --out "$work/local" --data "$work/local-data" "${further[@]}" >/dev/null 2>"$work/local.log"
"$binary" report "$work/local" >"$work/local.md"
cmp "$work/slurm.md" "$work/local.md"
echo "tables of $(grep -c '^| [a-z]' "$work/local.md") rows, the same as those of a local run"
