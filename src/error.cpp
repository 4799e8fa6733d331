#include <echosocket/error.hpp>
#include <echosocket/result.hpp>

#include <algorithm>
#include <iterator>

namespace echosocket {
namespace {

struct entry {
    errc code;
    bool retryable;
    std::string_view name;
    std::string_view meaning;
};

// Worth a retry is what a pause, another try or another server may heal, and what then does no harm that the first try
// did not: `failure::started` tells the caller whether the task may have had effects already. A deadline that passed is
// not among them: more of the same load is what a slow server needs least, and only the caller knows.
constexpr entry entries[] = {
    {errc::task_failed, false, "task_failed", "the task failed"},
    {errc::unknown_task, false, "unknown_task", "no task of that name is registered"},
    {errc::bad_request, false, "bad_request", "the arguments do not fit the task"},
    {errc::not_allowed, false, "not_allowed", "the other side's configuration forbids it"},
    {errc::overloaded, true, "overloaded", "the other side has no room for another call now"},
    {errc::shutting_down, true, "shutting_down", "the other side is stopping and takes no new calls"},
    {errc::cancelled, false, "cancelled", "the call was cancelled"},
    {errc::deadline_exceeded, false, "deadline_exceeded", "the call was not finished in time"},
    {errc::message_too_large, false, "message_too_large", "the message is larger than the limit"},
    {errc::bad_reply, false, "bad_reply", "the reply does not fit the type that was asked for"},

    {errc::connection_lost, true, "connection_lost", "the other side vanished or reset the connection"},
    {errc::connection_closed, false, "connection_closed", "this side closed the connection"},
    {errc::resolve_failed, true, "resolve_failed", "the host name has no address"},
    {errc::connect_failed, true, "connect_failed", "nobody listens at the address, or the network refused"},
    {errc::connect_timeout, true, "connect_timeout", "no connection came about in time"},
    {errc::hello_timeout, true, "hello_timeout", "the other side did not introduce itself in time"},
    {errc::refused, true, "refused", "the server does not take this connection now"},
    {errc::not_echosocket, false, "not_echosocket", "the other side does not speak the EchoSocket protocol"},
    {errc::unsupported_version, false, "unsupported_version", "the other side speaks an unknown protocol version"},
    {errc::protocol_error, false, "protocol_error", "a frame breaks the rules of the protocol"},
    {errc::frame_too_large, false, "frame_too_large", "a frame is larger than the limit"},
    {errc::frame_timeout, true, "frame_timeout", "a frame was begun and not completed in time"},
    {errc::idle_timeout, true, "idle_timeout", "nothing happened on the connection for too long"},
    {errc::ping_timeout, true, "ping_timeout", "the other side stopped answering pings"},
    {errc::write_stalled, true, "write_stalled", "the other side stopped taking bytes"},
    {errc::slow_consumer, false, "slow_consumer", "the other side reads too slowly for what it asks for"},
    {errc::abusive, false, "abusive", "the peer provoked too many cancels and errors"},
    {errc::memory_exceeded, true, "memory_exceeded", "the connection held most of more memory than there is for all"},

    {errc::invalid_config, false, "invalid_config", "a configuration value is out of range"},
    {errc::duplicate_task, false, "duplicate_task", "a task of that name is registered already"},
    {errc::invalid_name, false, "invalid_name", "a name is empty, too long or not UTF-8"},
    {errc::already_running, false, "already_running", "this must come before run(), and run() only once"},
    {errc::invalid_address, false, "invalid_address", "an address is no host:port, [v6]:port or unix:/path"},
    {errc::listen_failed, false, "listen_failed", "a listener could not be opened"},
    {errc::stream_closed, false, "stream_closed", "the stream takes no items any more"},
};

constexpr entry application{errc::application, false, "application", "an error of the application's own"};
constexpr entry unknown{errc{}, false, "unknown", "an error that is unknown here"};

const entry& find(errc code) noexcept {
    if (code >= errc::application) return application;
    const auto* found = std::ranges::find(entries, code, &entry::code);
    return found == std::end(entries) ? unknown : *found;
}

class category final : public std::error_category {
    [[nodiscard]] const char* name() const noexcept override { return "echosocket"; }
    [[nodiscard]] std::string message(int code) const override {
        return std::string(describe(static_cast<errc>(code)));
    }
};

}  // namespace

std::string_view name_of(errc code) noexcept {
    return find(code).name;
}

std::string_view name_of(failure_origin origin) noexcept {
    switch (origin) {
        case failure_origin::this_end:
            return "this_end";
        case failure_origin::other_end:
            return "other_end";
        case failure_origin::task:
            return "task";
    }
    return "unknown";
}

std::string_view describe(errc code) noexcept {
    return find(code).meaning;
}

bool is_retryable(errc code) noexcept {
    return find(code).retryable;
}

bool is_refusal(errc code) noexcept {
    return code >= errc::unknown_task && code <= errc::shutting_down;
}

bool is_connection_error(const failure& why) noexcept {
    return why.origin != failure_origin::task && why.code >= errc::connection_lost && why.code <= errc::memory_exceeded;
}

const std::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

std::string failure::message() const {
    const auto& known = find(code);
    std::string text(known.name);
    if (known.code != code) text += ' ' + std::to_string(static_cast<unsigned>(code));
    return text.append(": ").append(detail.empty() ? known.meaning : std::string_view(detail));
}

}  // namespace echosocket
