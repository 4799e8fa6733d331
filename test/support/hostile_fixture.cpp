#include "support/hostile_fixture.hpp"

#include "async/strand_event.hpp"
#include "io/socket_transport.hpp"
#include "wire/meta.hpp"
#include "wire/utf8.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include <set>
#include <stdexcept>
#include <utility>

namespace echosocket::test {

/// The calls of `hold` that wait to be released.
struct hostile_fixture::held_calls {
    struct held {
        asio::any_io_executor executor;
        net::strand_event let_go;
    };
    std::set<held*> all;
    std::size_t cancelled = 0;

    static asio::awaitable<std::string> hold(std::shared_ptr<held_calls> self, task_context& context) {
        held mine{context.executor(), {}};
        self->all.insert(&mine);
        bool cancelled = false;
        try {
            co_await mine.let_go.wait();
        } catch (const boost::system::system_error&) {
            cancelled = true;
        }
        self->all.erase(&mine);
        if (cancelled) ++self->cancelled;
        if (cancelled) throw boost::system::system_error(asio::error::operation_aborted);
        co_return "held";
    }

    static void let_all_go(const std::shared_ptr<held_calls>& self) {
        for (held* one : self->all)
            asio::post(one->executor, [self, one] {
                if (self->all.contains(one)) one->let_go.notify();
            });
    }
};

namespace {

asio::awaitable<void> give(sink<std::string> out) {
    const std::string item(16 * 1024, 'g');
    for (;;) {
        auto sent = co_await out.send(item);
        if (!sent) co_return;
    }
}

asio::awaitable<std::int64_t> sum_up(source<std::int64_t>& in) {
    std::int64_t sum = 0;
    for (;;) {
        auto item = co_await in.next();
        if (!item) throw std::runtime_error(item.error().message());
        if (!*item) co_return sum;
        sum += **item;
    }
}

}  // namespace

hostile_fixture::hostile_fixture() : held_(std::make_shared<held_calls>()) {
    config.clock = &clock;
    config.max_deadline = 24h;
    config.port = 0;
    config.log = [this](log_level, std::string_view text) {
        if (wire::printable(text, SIZE_MAX) != text) unprintable_log_.emplace_back(text);
    };
}

hostile_fixture::~hostile_fixture() {
    finish();
}

void hostile_fixture::finish() {
    try {
        if (server_) check_bystander();
        if (server_) stop_server();
        server_.reset();
    } catch (const std::exception& e) {
        BOOST_ERROR("the end of a hostile test failed: " << e.what());
    }
    BOOST_CHECK_MESSAGE(unprintable_log_.empty(), "the log holds what a peer sent, unprintable as it was");
}

void hostile_fixture::add_tasks() {
    server_->on("echo", [](std::string_view text) { return text; });
    server_->on("hold", [held = held_](task_context& context) { return held_calls::hold(held, context); });
    server_->on("big", [](std::size_t bytes) { return std::string(bytes, 'b'); });
    server_->on("later", [](task_context& context, std::uint32_t ms) -> asio::awaitable<std::uint32_t> {
        co_await context.sleep_for(std::chrono::milliseconds(ms));
        co_return ms;
    });
    server_->on("big later", [](task_context& context, std::size_t bytes) -> asio::awaitable<std::string> {
        co_await context.sleep_for(1ms);
        co_return std::string(bytes, 'b');
    });
    server_->on("take", [held = held_](task_context& context, source<std::string>&) {
        return held_calls::hold(held, context);
    });
    server_->on("sum up", sum_up);
    server_->on("give", [](sink<std::string>& out) { return give(out); });
    server_->on("give aside", [this](sink<std::string>& out) -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        auto aside = asio::co_spawn(asio::make_strand(io), give(out), asio::deferred);
        co_await std::move(aside);
    });
    server_->on("complain", []() -> result<void> {
        std::string text;
        while (text.size() < 10'000) text += "\u2639 ";
        return failure(errc::task_failed, text);
    });
    server_->on("sum", [](const std::vector<std::int64_t>& numbers) {
        std::int64_t sum = 0;
        for (const auto n : numbers) sum += n;
        return sum;
    });
}

void hostile_fixture::start() {
    if (server_) return;
    server_.emplace(io.get_executor(), config);
    add_tasks();
    if (prepare) prepare(*server_);
    running_.emplace(spawn([this] { return server_->run(); }));
    settle();
    client_config with;
    with.name = "bystander";
    bystander_ = connect_client(std::move(with));
    bystanders_call_.emplace(spawn([this] { return bystander_.call<std::string>("hold"); }));
    settle();
}

client hostile_fixture::connect_client(client_config with) {
    start();
    with.clock = &clock;
    with.call_timeout = 0ms;
    auto connected = run([this, with] { return client::connect(*server_, with); });
    return connected.value();
}

raw_peer hostile_fixture::connect(testing::faults on_servers_side, testing::faults on_its_own) {
    start();
    auto [near, far] = testing::memory_pipe(on_its_own, on_servers_side);
    server_->attach(std::move(far));
    settle();
    raw_peer::runner run;
    run.settle = [this] { settle(); };
    run.until = [this](const std::function<bool()>& reached) {
        while (!reached()) {
            io.restart();
            if (io.poll() == 0) return;
        }
    };
    return {std::move(near), std::move(run)};
}

raw_peer hostile_fixture::connect_over_tcp_and_reset() {
    start();
    const asio::ip::tcp::endpoint target(asio::ip::address_v4::loopback(), server_->port());
    net::stream_socket socket(io.get_executor());
    socket.connect(target);
    socket.set_option(asio::socket_base::linger(true, 0));
    socket.native_non_blocking(true);
    raw_peer::runner run;
    run.settle = [this] { settle(); };
    run.until = [this](const std::function<bool()>& reached) {
        while (!reached()) {
            io.restart();
            if (io.run_one_for(patience) == 0) return;
        }
    };
    return {std::make_unique<net::socket_transport>(std::move(socket)), std::move(run)};
}

server_stats hostile_fixture::stats() {
    return run([this] { return server_->stats(); });
}

std::size_t hostile_fixture::count_of(const std::map<std::string, std::uint64_t>& counts, errc reason,
                                      std::size_t expected) {
    std::size_t found = 0;
    for (const auto& [name, count] : counts) {
        if (name == name_of(reason)) found = count;
        const bool harmless = name == name_of(reason) || name == "closed_by_peer";
        BOOST_CHECK_MESSAGE(harmless || expected == 0, "counted too: " << name << " " << count);
    }
    return found;
}

void hostile_fixture::expect_closed(errc reason, std::size_t count, raw_peer::step at) {
    settle();
    const auto closed = count_of(stats().closed, reason, count);
    BOOST_CHECK_MESSAGE(closed == count, at.file_name() << ":" << at.line() << ": closed as " << name_of(reason) << ": "
                                                        << closed << ", expected " << count);
}

void hostile_fixture::expect_refused(errc reason, std::size_t count, raw_peer::step at) {
    const auto refused = count_of(stats().refused, reason, count);
    BOOST_CHECK_MESSAGE(refused == count, at.file_name() << ":" << at.line() << ": refused as " << name_of(reason)
                                                         << ": " << refused << ", expected " << count);
}

std::size_t hostile_fixture::attackers() {
    return stats().connections - 1;
}

std::size_t hostile_fixture::holding() const noexcept {
    return held_->all.size() - 1;
}

std::size_t hostile_fixture::cancelled_holds() const noexcept {
    return held_->cancelled;
}

void hostile_fixture::pass(duration time, duration step) {
    settle();
    for (; time > duration::zero(); time -= step) {
        clock.advance(std::min(step, time));
        settle();
    }
}

void hostile_fixture::check_bystander() {
    BOOST_CHECK_MESSAGE(bystander_.connected(), "the bystander lost its connection");
    BOOST_CHECK_MESSAGE(!bystanders_call_->done(), "the bystander's call ended early");
    auto answer = spawn([this] { return bystander_.call<std::string>("echo", std::string("as ever")); });
    settle();
    BOOST_CHECK_MESSAGE(answer.done() && answer.get() == "as ever", "a new call of the bystander is not answered");

    held_calls::let_all_go(held_);
    settle();
    const bool ended = bystanders_call_->done();
    BOOST_CHECK_MESSAGE(ended && bystanders_call_->get() == "held", "the bystander's call is not answered");
}

void hostile_fixture::stop_server() {
    auto closing = spawn([this] { return bystander_.close(); });
    settle();
    BOOST_CHECK_MESSAGE(closing.done(), "the bystander can't close");
    server_->stop();
    settle();
    BOOST_CHECK_MESSAGE(running_->done(), "an attack left something running on the server");
    for (int i = 0; i != 60 && !running_->done(); ++i) pass(1s);
    if (!running_->done()) return server_.reset();
    static_cast<void>(running_->get());
}

}  // namespace echosocket::test
