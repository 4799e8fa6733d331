// Servers that come and go at several addresses, and clients that connect to them: over memory and in virtual time.
//
//     BOOST_FIXTURE_TEST_CASE(the_next_one_is_found, sites_fixture) {
//         open(0), open(1);
//         auto guest = join();                 // connected to site 0
//         cut(0);                              // all of its connections are lost
//         BOOST_TEST(ask<std::string>(guest, "where") == "site 1");
//         leave(guest);
//     }
//
// The destructor closes the sites and fails the test if anything is left.
#pragma once

#include "integration/service_fixture.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace echosocket::test {

/// A transport that the test can cut.
class cuttable final : public transport {
public:
    explicit cuttable(std::shared_ptr<transport> line) : line_(std::move(line)) {}
    asio::awaitable<boost::system::error_code> wait_readable() override { return line_->wait_readable(); }
    asio::awaitable<boost::system::error_code> wait_writable() override { return line_->wait_writable(); }
    io_result read_some(asio::mutable_buffer into) override { return line_->read_some(into); }
    io_result write_some(std::span<const asio::const_buffer> from) override { return line_->write_some(from); }
    void shutdown_send() override { line_->shutdown_send(); }
    void close() override { line_->close(); }
    [[nodiscard]] std::string remote_address() const override { return line_->remote_address(); }

private:
    std::shared_ptr<transport> line_;
};

/// What happens to connections to a site.
enum class manners { serves, refuses, hangs, stays_mute, throws };

struct site {
    std::string name;
    manners how = manners::refuses;
    std::optional<server> service;
    std::optional<spawned<result<shutdown_report>>> life;
    std::vector<time_point> dialled;
    std::vector<std::shared_ptr<transport>> lines;
    std::vector<std::unique_ptr<transport>> mute_ends;  ///< The other ends, if no server serves them.
};

struct sites_fixture : service_fixture {
    std::array<site, 4> sites;
    // The states that `on_state` reported; shared, because a failing test may leave clients behind.
    std::shared_ptr<std::vector<std::string>> told = std::make_shared<std::vector<std::string>>();
    std::vector<std::string>& events = *told;
    std::function<void(server&)> prepare = [](server&) {};

    sites_fixture() {
        for (std::size_t i = 0; i != sites.size(); ++i) sites[i].name = "site " + std::to_string(i);
        client_settings.reconnect = {.enabled = true, .first_delay = 100ms, .max_delay = 1s, .jitter_percent = 0};
        client_settings.limits.ping_interval = client_settings.limits.idle_timeout = 0ms;
        settings.limits.ping_interval = settings.limits.idle_timeout = 0ms;
        client_settings.on_state = [kept = told](client_state now, const failure& why) {
            const bool has_reason = now != client_state::connected && !kept->empty();
            const std::string reason = has_reason ? " " + std::string(name_of(why.code)) : "";
            kept->push_back(std::string(name_of(now)) + reason);
        };
    }
    ~sites_fixture() {
        for (std::size_t i = 0; i != sites.size(); ++i) shut(i);
    }

    void open(std::size_t at) {
        auto& it = sites[at];
        it.service.emplace(io.get_executor(), settings);
        it.service->on("where", [&it] { return it.name; });
        it.service->on("sleep", sleep_task);
        prepare(*it.service);
        it.life.emplace(spawn([&it] { return it.service->run(); }));
        it.how = manners::serves;
        settle();
    }
    /// The site's server ends at once.
    void shut(std::size_t at) {
        auto& it = sites[at];
        it.how = manners::refuses;
        it.mute_ends.clear();
        if (!it.service) return;
        it.service->stop_now();
        settle();
        while (!it.life->done() && clock.advance_to_next()) settle();
        (void)value_of(run(*it.life));
        it.life.reset();
        it.service.reset();
        settle();
    }
    /// All connections of a site are lost at once.
    void cut(std::size_t at) {
        for (const auto& line : std::exchange(sites[at].lines, {})) line->close();
        settle();
    }
    std::vector<dialer> dialers(std::size_t count = 4) {
        std::vector<dialer> all;
        for (std::size_t i = 0; i != count; ++i) all.emplace_back([this, i] { return dial(&sites[i]); });
        return all;
    }
    /// A client with the addresses of the first `count` sites.
    client join_sites(std::size_t count = 4) {
        return value_of(run([&] { return client::connect(dialers(count), client_settings); }));
    }
    void pass(duration time, duration step = 10ms) {
        for (duration passed{0}; passed < time; passed += step) {
            clock.advance(step);
            settle();
        }
    }
    /// ms between the attempts to reach a site, from the nth on.
    std::vector<long> pauses(std::size_t at, std::size_t from = 0) {
        std::vector<long> all;
        const auto& times = sites[at].dialled;
        for (std::size_t i = from + 1; i < times.size(); ++i)
            all.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(times[i] - times[i - 1]).count());
        return all;
    }
    void until_dialled(std::size_t at, std::size_t times) {
        while (sites[at].dialled.size() < times && clock.advance_to_next()) settle();
    }

private:
    asio::awaitable<result<std::unique_ptr<transport>>> dial(site* at) {
        at->dialled.push_back(clock.now());
        if (at->how == manners::refuses) co_return failure(errc::connect_failed, "nobody is at " + at->name);
        if (at->how == manners::throws && at->dialled.size() % 2 == 0) throw 42;
        if (at->how == manners::throws) throw std::runtime_error("a dialer of the user's own");
        if (at->how == manners::hangs) co_await sleep_for(clock, 1h);
        auto [near, far] = testing::memory_pipe();
        if (at->how == manners::serves) {
            at->service->attach(std::move(far));
        } else {
            at->mute_ends.push_back(std::move(far));
        }
        std::shared_ptr<transport> line = std::move(near);
        at->lines.push_back(line);
        co_return std::make_unique<cuttable>(std::move(line));
    }
};

}  // namespace echosocket::test
