// Names with addresses and delays that a test can rely on. Every test program resolves two names itself, without the
// system:
// - `loopback.test` is `::1` and `127.0.0.1`.
// - `hanging.test` has no address; while a `hanging_lookups` lives, finding that out takes until `release()`. As with
//   the system's own lookups, nothing interrupts it.
// Others are made by `scripted_name`.
#pragma once

#include <string>
#include <vector>

namespace echosocket::test {

/// One at a time.
class hanging_lookups {
public:
    hanging_lookups();
    hanging_lookups(const hanging_lookups&) = delete;
    hanging_lookups& operator=(const hanging_lookups&) = delete;
    ~hanging_lookups();  ///< Releases the lookups, and waits until none hangs.

    static void wait_for_one() { wait_for(1); }
    static void wait_for(int count);  ///< Until so many hang.
    static void release();
};

/// A name with addresses of the test's choice, as long as this lives. Whether anything may connect to them is for
/// test_connector.hpp to say.
class scripted_name {
public:
    /// Each lookup finds the next of `answers`, which are lists of numeric addresses; after the last one, that again.
    scripted_name(std::string name, std::vector<std::vector<std::string>> answers);
    scripted_name(const scripted_name&) = delete;
    scripted_name& operator=(const scripted_name&) = delete;
    ~scripted_name();

    [[nodiscard]] unsigned lookups() const;

private:
    const std::string name_;
};

}  // namespace echosocket::test
