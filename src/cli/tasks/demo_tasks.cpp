#include "cli/tasks/demo_tasks.hpp"

#include "cli/tasks/chat_rooms.hpp"
#include "cli/tasks/execute.hpp"
#include "cli/tasks/picture.hpp"
#include "cli/tasks/slots.hpp"
#include "cli/tasks/text_tasks.hpp"

#include <echosocket/codec.hpp>

#include <chrono>
#include <cmath>
#include <memory>
#include <random>
#include <utility>

namespace echosocket::cli {

namespace {

using std::chrono::milliseconds;

constexpr std::int64_t longest_sleep = 24 * 3600 * 1000;  // ms

std::string_view echo(std::string_view data) {
    return data;
}

std::string time() {
    return iso_time(std::chrono::system_clock::now());
}

asio::awaitable<result<std::int64_t>> sleep(task_context& call, std::int64_t wanted) {
    if (wanted < 0 || wanted > longest_sleep)
        co_return failure(errc::bad_request, "expected 0 to " + std::to_string(longest_sleep) + " milliseconds");
    const auto begin = call.clock().now();
    co_await call.sleep_for(milliseconds(wanted));
    const auto slept = std::chrono::floor<milliseconds>(call.clock().now() - begin);
    co_return std::int64_t{slept.count()};
}

result<double> sum(variadic<double> numbers) {
    double total = 0;
    for (const double number : numbers) total += number;
    if (!std::isfinite(total)) return failure(errc::bad_request, "the sum is too large for a number");
    return total;
}

result<std::string> draw(std::string_view name) {
    const auto what = find_shape(name);
    if (!what) return failure(errc::bad_request, "expected one of the shapes " + std::string(shape_names));
    static thread_local std::mt19937 randomness{std::random_device{}()};
    return draw_svg(*what, random_placement(randomness));
}

void add_file_tasks(server& to, const std::shared_ptr<const demo_policy>& allowed) {
    const auto transfers = std::make_shared<shared_slots>(most_transfers);
    to.on(
        "put",
        [allowed, transfers](task_context& call, source<file_piece>& pieces, std::string name) {
            return put_file(call, allowed->files, *transfers, pieces, std::move(name));
        },
        "Keeps a file that comes in pieces, under that name where it is free");
    to.on(
        "get",
        [allowed, transfers](task_context& call, sink<file_piece>& pieces, std::string name) {
            return get_file(call, allowed->files, *transfers, pieces, std::move(name));
        },
        "Sends a file in pieces");
    to.on(
        "file_size",
        [allowed](task_context& call, std::string name) { return size_of_file(call, allowed->files, std::move(name)); },
        "Answers how many bytes a file has");
}

}  // namespace

void add_demo_tasks(server& to, demo_policy policy) {
    const auto allowed = std::make_shared<const demo_policy>(std::move(policy));
    const auto programs = std::make_shared<slots>(most_programs);
    const auto downloads = std::make_shared<slots>(most_downloads);
    to.on("echo", echo, "Answers what it was sent");
    to.on("reverse", reverse_text, "Answers a text from its last character to its first");
    to.on("upper", upper_text, "Answers a text in capital letters");
    to.on("time", time, "Answers the server's time as ISO 8601 in UTC");
    to.on("sleep", sleep, "Waits so many milliseconds and answers how long it was");
    to.on("sum", sum, "Adds any number of numbers");
    to.on("draw", draw, "Answers an SVG picture of a square, circle or triangle");
    to.on(
        "execute", [allowed, programs](std::string_view line) { return execute(allowed->programs, *programs, line); },
        "Runs an allowed program, without a shell, and answers what it wrote");
    to.on(
        "download",
        [allowed, downloads](task_context& call, std::string url) {
            return download(call, allowed->downloads, downloads, std::move(url));
        },
        "Fetches an http:// URL into the download directory");
    add_file_tasks(to, allowed);
    add_chat(to);
}

void add_relay(server& to) {
    to.on_any_notify([&to](task_context& notice, std::string_view data) {
        if (is_room_topic(notice.task()))
            return notice.log(log_level::debug, "a notification to a chat room was dropped: chat_say is the way");
        to.publish_raw(notice.task(), {std::string(data), notice.content_type()});
    });
}

result<void> may_listen(std::string_view topic) {
    if (!is_room_topic(topic)) return {};
    return failure(errc::not_allowed, "a chat room is listened to by chat_join, so that all in it see who listens");
}

void add_fallback(server& to) {
    to.fallback([name = to.name()](std::string_view data) { return (name + " received: ").append(data); });
}

}  // namespace echosocket::cli
