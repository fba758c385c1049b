/** Nobody moves a pod while a job runs in it: Karpenter and the cluster autoscaler each have a word for it (buildx#1923). */
export const DO_NOT_DISRUPT = {
  "karpenter.sh/do-not-disrupt": "true",
  "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
} as const;
