#!/bin/bash
# 3 tasks of dirbench run. Submit the script again to go on: what is done is skipped, what was cut off resumes.
#SBATCH --job-name=dirbench-ci
#SBATCH --array=0-2
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH --gres=gpu:1
#SBATCH --time=24:00:00
#SBATCH --partition=gpu
#SBATCH --account=dir
#SBATCH --output="/scratch/results/logs/%x-%A_%a.log"
#SBATCH --open-mode=append
# After a node failure or a preemption the task starts again, and two minutes before the time limit it is interrupted,
# so that its runs write their checkpoints.
#SBATCH --requeue
#SBATCH --signal=B:INT@120

cd -- /home/me || exit 1
# Where Slurm does not bind a task to its CPUs, Go would take all of the node's.
export GOMAXPROCS=4
# exec: the signals reach dirbench, and its exit code is the task's.
exec /opt/dirbench run \
  --suite ci \
  --out /scratch/results \
  --data /scratch/data \
  --shard "$SLURM_ARRAY_TASK_ID/3" \
  --only '*/lds/*' --seeds=0,1
