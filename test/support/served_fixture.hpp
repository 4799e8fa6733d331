// A running `echosocket serve` under attack.
//
//     BOOST_FIXTURE_TEST_CASE(so_and_so_harms_nobody_else, served_fixture) {
//         serve();                              // with a canary beside it
//         auto attacker = connect();
//         attacker.floods(...);
//         expect_recovery();                    // everything as before the attack
//     }
#pragma once

#include "support/canary.hpp"
#include "support/io_fixture.hpp"
#include "support/program.hpp"
#include "support/raw_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#elif defined(__has_feature)
inline constexpr bool is_sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool is_sanitized = false;
#endif

/// Does `./dev test hostile-long` run?
[[nodiscard]] bool is_long_run();
/// How much of an attack: `brief` whenever the tests run, a quarter of it under a sanitizer; `full` in a long run.
[[nodiscard]] std::size_t amount(std::size_t brief, std::size_t full);

/// Every test runs a server of its own, in a process of its own. What an attack leaves behind shows in its figures.
///
/// The end of each test case (`teardown`) checks that the same process still runs, that the canary has never had an
/// error, and that the server stops in order.
class served_fixture {
public:
    /// What has to be after an attack as it was before.
    struct figures {
        std::uint64_t connections = 0;
        std::uint64_t running_calls = 0;
        std::uint64_t queued_bytes = 0;
        std::size_t descriptors = 0;

        friend bool operator==(const figures&, const figures&) = default;
        friend std::ostream& operator<<(std::ostream& to, const figures& f);
    };

    served_fixture();
    served_fixture(const served_fixture&) = delete;
    served_fixture& operator=(const served_fixture&) = delete;
    ~served_fixture();

    /// Starts `echosocket serve 127.0.0.1:0`, with more arguments, and a canary; the latter at `canary_at`, unless that
    /// is empty.
    void serve(testing::words more = {}, const testing::program::environment& changes = {},
               const std::string& canary_at = {});
    /// The same server anew, after it has ended.
    void serve_again();
    void teardown();

    [[nodiscard]] const std::string& address() const { return served_->address(); }
    [[nodiscard]] testing::program& server() { return served_->process(); }
    [[nodiscard]] canary& bird() { return *canary_; }
    /// A path for a Unix socket, `unix:/...`.
    [[nodiscard]] std::string unix_address() const { return "unix:" + (directory_.path() / "s").string(); }

    [[nodiscard]] raw_peer connect() { return connect_peer(io_, address()); }
    [[nodiscard]] std::vector<raw_peer> connect_all(std::size_t count);
    /// The same, and each has exchanged HELLOs.
    [[nodiscard]] std::vector<raw_peer> greet_all(std::size_t count);

    [[nodiscard]] figures now();
    /// Waits until it holds of the figures.
    void wait_until(const std::function<bool(const figures&)>& reached, std::chrono::seconds at_most = patience);
    /// Connections that were closed for that reason so far.
    [[nodiscard]] std::uint64_t closed(std::string_view reason) { return count("closed", reason); }
    [[nodiscard]] std::uint64_t refused(std::string_view reason) { return count("refused", reason); }
    /// Bytes of memory that the server has.
    [[nodiscard]] std::size_t resident() const;

    /// The attack is over: within 5 s the figures are what they were before it, and the canary is answered.
    void expect_recovery();
    /// The canary's last moment: before an attack that its connection does not survive.
    void let_canary_leave();
    /// Waits for the server's end, which has been asked for.
    testing::ended await_end();

protected:
    asio::io_context io_;

private:
    [[nodiscard]] std::uint64_t count(std::string_view which, std::string_view reason);
    void check_alive();

    void start();

    testing::temporary_directory directory_;
    testing::words arguments_;
    testing::program::environment environment_;
    std::string canary_at_;
    std::optional<testing::served> served_;
    std::optional<canary> canary_;
    figures before_;
};

}  // namespace echosocket::test
