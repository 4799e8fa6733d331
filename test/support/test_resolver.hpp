// Names with addresses and delays that a test can rely on. Every test program resolves two names itself, without the
// system:
// - `loopback.test` is `::1` and `127.0.0.1`.
// - `hanging.test` has no address; while a `hanging_lookups` lives, finding that out takes until `release()`. As with
//   the system's own lookups, nothing interrupts it.
#pragma once

namespace echosocket::test {

/// One at a time.
class hanging_lookups {
public:
    hanging_lookups();
    hanging_lookups(const hanging_lookups&) = delete;
    hanging_lookups& operator=(const hanging_lookups&) = delete;
    ~hanging_lookups();  ///< Releases the lookups, and waits until none hangs.

    static void wait_for_one();
    static void release();
};

}  // namespace echosocket::test
