// Connections that are made and closed as fast as that goes.
#include "support/served_fixture.hpp"

#include <sys/socket.h>

#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// Says `words` and goes away by a reset, or, if it is `polite`, in order: ends its direction, and waits for the
/// server's end.
void visit(const std::string& address, std::string_view words, bool polite) {
    const auto socket = connect_socket(address);
    if (!words.empty()) static_cast<void>(::send(socket.get(), words.data(), words.size(), MSG_NOSIGNAL));
    if (!polite) return;
    ::shutdown(socket.get(), SHUT_WR);
    char heard[256];
    while (::recv(socket.get(), heard, sizeof(heard), 0) > 0) {
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connects_and_closes)

BOOST_FIXTURE_TEST_CASE(any_number_of_short_visits_leaves_nothing, served_fixture) {
    serve({unix_address()});
    const auto before = resident();
    const auto hello = raw::hello();
    const auto call = hello + raw::request(1, "echo", "x") + raw::request(3, "sleep", "3600000");
    const auto visits = amount(4000, 200'000);
    const auto make_visits = [&](std::size_t first) {
        for (auto i = first; i < visits; i += 2) {
            const auto words = i % 5 == 0 ? std::string_view() : i % 5 < 3 ? hello : call;
            // A polite end over TCP keeps this end's port for a minute.
            const bool over_unix = i / 5 % 3 == 0;
            visit(over_unix ? unix_address() : address(), words, over_unix && i / 15 % 2 == 0);
        }
    };
    std::exception_ptr failed;
    std::jthread other([&] {
        try {
            make_visits(1);
        } catch (...) {
            failed = std::current_exception();
        }
    });
    make_visits(0);
    other.join();
    if (failed) std::rethrow_exception(failed);
    expect_recovery();
    const auto accepted = bird().stats().at("accepted").to_number<std::uint64_t>();
    BOOST_TEST(accepted >= visits / 2, "visits that were over before they were accepted do not count");
    if (!is_sanitized) BOOST_TEST(resident() < before + 64 * 1024 * 1024);
}

BOOST_AUTO_TEST_SUITE_END()
