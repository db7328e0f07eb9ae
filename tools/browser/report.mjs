// Counts what was checked, and says what failed, one line each.

export class Report {
  passed = 0;
  failed = 0;

  /** Notes a check; `wrong` lists what is wrong, or says it in one text. */
  check(name, wrong) {
    const list = typeof wrong === "string" ? [wrong].filter(Boolean) : wrong;
    if (list.length === 0) {
      this.passed += 1;
      return true;
    }
    this.failed += 1;
    const more = list.length > 4 ? `; and ${list.length - 4} more` : "";
    console.log(`FAIL ${name}: ${list.slice(0, 4).join("; ").replace(/\s+/g, " ")}${more}`);
    return false;
  }

  /** Notes a check that is a comparison. */
  equal(name, found, wanted) {
    return this.check(name, found === wanted ? "" : `found “${found}”, wanted “${wanted}”`);
  }

  /** Runs a part; that it stops half-way is a failure of its own, and the others go on. */
  async part(name, work) {
    try {
      return await work();
    } catch (error) {
      this.check(name, `stopped: ${String(error.message ?? error).split("\n")[0]}`);
      return undefined;
    }
  }

  end() {
    console.log(`browser: ${this.passed} checks passed, ${this.failed} failed`);
    return this.failed === 0 ? 0 : 1;
  }
}
