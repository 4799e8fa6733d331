// The cost of a call from its payload to its reply, without a connection: look-up, arguments, handler, reply.
#include <echosocket/task.hpp>

#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/describe/class.hpp>

#include <cstdint>
#include <string>

namespace {

namespace asio = boost::asio;
namespace es = echosocket;

class no_reply final : public es::detail::reply_sink {
public:
    bool succeed(std::string_view body, es::content_type) override { return use(body.data()); }
    bool succeed(std::string&& body, es::content_type) override { return use(body.data()); }
    bool fail(const es::failure& why) override { throw std::runtime_error(why.message()); }

private:
    static bool use(const char* body) {
        benchmark::DoNotOptimize(body);
        return true;
    }
};

class no_connection final : public es::detail::call_environment {
public:
    explicit no_connection(asio::io_context& io) : io_(io) {}

    std::string_view task_name() const noexcept override { return "task"; }
    std::string_view trace_id() const noexcept override { return {}; }
    es::content_type content_type() const noexcept override { return es::content_type::json; }
    es::peer peer() const override { return {}; }
    std::optional<es::time_point> deadline() const noexcept override { return {}; }
    bool cancelled() const noexcept override { return false; }
    bool stopping() const noexcept override { return false; }
    asio::awaitable<bool> until_stopping() const override { co_return false; }
    es::clock& clock() const noexcept override { return es::steady_clock(); }
    asio::any_io_executor executor() const override { return io_.get_executor(); }
    std::shared_ptr<es::detail::stream_end> stream() const override { return nullptr; }
    unsigned max_nesting() const noexcept override { return 64; }
    std::size_t max_json_values() const noexcept override { return 1'000'000; }
    void log(es::log_level, std::string_view) const override {}

private:
    asio::io_context& io_;
};

struct order {
    std::int64_t id = 0;
    std::string symbol;
    double price = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, symbol, price))

template <class Handler>
void run_function(benchmark::State& state, Handler handler, std::string_view body) {
    asio::io_context io;
    no_connection call(io);
    es::task_context context(call);
    no_reply reply;
    const auto task = es::detail::make_task(std::move(handler));
    for (auto _ : state) task->run(context, body, reply);
}

void dispatch_raw_function(benchmark::State& state) {
    run_function(
        state, [](std::string_view body) { return body; }, "a payload of some thirty bytes.");
}
BENCHMARK(dispatch_raw_function);

void dispatch_two_numbers(benchmark::State& state) {
    run_function(
        state, [](int a, int b) { return a + b; }, "[17,25]");
}
BENCHMARK(dispatch_two_numbers);

void dispatch_struct(benchmark::State& state) {
    run_function(
        state, [](order asked) { return asked; }, R"({"id":7,"symbol":"ECHO","price":2.5})");
}
BENCHMARK(dispatch_struct);

asio::awaitable<std::string_view> echo_in_coroutine(std::string_view body) {
    co_return body;
}

asio::awaitable<void> start_again_and_again(benchmark::State& state, es::detail::task& task,
                                            es::task_context& context) {
    no_reply reply;
    for (auto _ : state) co_await task.start(context, "a payload of some thirty bytes.", reply);
}

void dispatch_raw_coroutine(benchmark::State& state) {
    asio::io_context io;
    no_connection call(io);
    es::task_context context(call);
    const auto task = es::detail::make_task(echo_in_coroutine);
    asio::co_spawn(io, start_again_and_again(state, *task, context), asio::detached);
    io.run();
}
BENCHMARK(dispatch_raw_coroutine);

}  // namespace
