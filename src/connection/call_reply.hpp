// Where the reply to one request goes: to the engine, once, and to whoever remembers it.
#pragma once

#include "connection/connection_context.hpp"
#include "connection/idempotency_cache.hpp"
#include "connection/stream_handle.hpp"

#include <echosocket/task.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::net {

class call_worker;

/// The answer of a call that was cancelled for that reason.
[[nodiscard]] failure cancelled_failure(errc reason);

class call_reply final : public detail::reply_sink {
public:
    /// `worker` serves calls one after another; null if there is only one.
    explicit call_reply(connection_context& context, call_worker* worker = nullptr) noexcept
        : context_(context), worker_(worker) {}

    /// The items of `stream`, if there is one, go out before the reply.
    void begin(std::uint32_t id, stream_handle* stream = nullptr) noexcept {
        id_ = id;
        stream_ = stream;
        sent_ = overdue_ = false;
        is_plain_ = stream == nullptr;
    }
    /// The call's deadline has passed: its caller may have gone, and gets the same answer whichever end's clock is the
    /// first to say so.
    void set_overdue() noexcept {
        overdue_ = true;
        is_plain_ = false;
    }
    /// What is replied is kept for whoever makes the same call again.
    void remember(idempotency_cache& cache, idempotency_cache::call_ptr call) {
        cache_ = &cache;
        remembered_ = std::move(call);
        is_plain_ = false;
    }
    /// Nothing came of the call: whoever waits for its result makes it anew.
    void forget() noexcept {
        if (remembered_) cache_->forget(std::exchange(remembered_, nullptr));
    }
    /// It may have had effects, and nobody will tell of its end: whoever asks for its result hears that.
    void give_up() noexcept;
    [[nodiscard]] bool is_remembered() const noexcept { return remembered_ != nullptr; }
    [[nodiscard]] bool sent() const noexcept { return sent_; }

    [[nodiscard]] bool succeed(std::string_view body, content_type type) override;
    [[nodiscard]] bool succeed(std::string&& body, content_type type) override;
    [[nodiscard]] bool fail(const failure& why) override;
    [[nodiscard]] bool next_call(std::string_view& body) override;
    /// The answer for what a handler threw; `cancelled` is the reason if the call had been cancelled.
    void fail(const std::exception_ptr& thrown, std::string_view task, std::optional<errc> cancelled);

private:
    [[nodiscard]] bool is_first_step() const noexcept;
    template <class Keep, class Give>
    [[nodiscard]] bool answer(const Keep& keep_it, const Give& give) noexcept;
    void close_stream() {
        if (stream_ != nullptr) std::exchange(stream_, nullptr)->close();
    }
    void answer_overdue();
    void keep(std::string_view body, content_type type);
    void keep(const failure& why);
    template <class Outcome>
    void keep_outcome(const idempotency_cache::call_ptr& call, Outcome outcome) noexcept;

    connection_context& context_;
    call_worker* worker_;
    idempotency_cache* cache_ = nullptr;
    idempotency_cache::call_ptr remembered_;
    stream_handle* stream_ = nullptr;
    std::uint32_t id_ = 0;
    bool sent_ = true;
    bool overdue_ = false;
    bool is_plain_ = true;  ///< Neither a stream, nor a key, nor overdue.
};

}  // namespace echosocket::net
