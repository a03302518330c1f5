/** Weight of a new observation in a mean that moves: 1/8, as TCP's round trip (V. Jacobson, SIGCOMM 1988). */
const GAIN = 1 / 8;
/** An observation counts as this many times the mean at most, beside the allowance: a task of 1 µs that was preempted is none of 4 ms. */
const MAX_TIMES_MEAN = 4;
const ALLOWANCE_US = 50;

/** A task of the registry as the lane knows it. */
export class TaskName {
  readonly id: number;
  readonly name: string;
  /** How long it takes, moving mean in microseconds; unknown before it ran. */
  meanUs: number | undefined;

  constructor(id: number, name: string) {
    this.id = id;
    this.name = name;
  }

  observe(durationUs: number): void {
    const { meanUs } = this;
    if (meanUs === undefined) this.meanUs = durationUs;
    else {
      const counted = Math.min(durationUs, meanUs * MAX_TIMES_MEAN + ALLOWANCE_US);
      this.meanUs = meanUs + (counted - meanUs) * GAIN;
    }
  }
}

/** Names by number; a registry has few of them, and what is no task is never asked for twice in good faith. */
export class TaskNames {
  private readonly byName = new Map<string, TaskName>();

  get(name: string): TaskName {
    let known = this.byName.get(name);
    if (known === undefined) this.byName.set(name, (known = new TaskName(this.byName.size, name)));
    return known;
  }
}
