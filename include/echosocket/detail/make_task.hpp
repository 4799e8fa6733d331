// Makes a `detail::task` from a handler of any supported type.
#pragma once

#include <echosocket/detail/arguments.hpp>
#include <echosocket/detail/signature.hpp>
#include <echosocket/task.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace echosocket::detail {

/// Adapts a task that does not suspend to `task::start`.
asio::awaitable<void> start_in_place(task& plain, task_context& context, std::string_view body, reply_sink& reply);
/// Resumes on `strand`, also if the call was cancelled: what a handler awaited may have resumed it anywhere.
asio::awaitable<void> come_back(asio::any_io_executor strand);
[[noreturn]] void refuse_to_run();
[[noreturn]] void throw_cancelled();
[[noreturn]] void refuse_empty_handler();

// Each of these returns what `reply_sink` returned; what was not taken is as it was.

template <class T>
[[nodiscard]] bool put_value(reply_sink& reply, T&& value) {
    using plain = std::remove_cvref_t<T>;
    if constexpr (std::is_same_v<T, std::string>) {
        return reply.succeed(std::move(value), content_type::bytes);
    } else if constexpr (raw<plain>) {
        return reply.succeed(raw_view(value), content_type::bytes);
    } else {
        std::string body;
        write_json(body, value);
        return reply.succeed(std::move(body), content_type::json);
    }
}

template <class T>
[[nodiscard]] bool put_reply(reply_sink& reply, T&& returned) {
    using plain = std::remove_cvref_t<T>;
    if constexpr (!unwrapped<plain>::is_result) {
        return put_value(reply, std::forward<T>(returned));
    } else if (!returned) {
        failure why(returned.error());
        why.started = why.started || !is_refusal(why.code);
        if constexpr (!is_builtin_result<plain>) why.origin = failure_origin::task;
        return reply.fail(why);
    } else if constexpr (std::is_void_v<typename unwrapped<plain>::type>) {
        return reply.succeed(std::string_view{}, content_type::bytes);
    } else {
        return put_value(reply, *std::forward<T>(returned));
    }
}

template <class Handler, class Streams, class Parameters>
class handler_base;

/// The part that both kinds of task share: the handler, and how it is called.
template <class Handler, class... Streams, class... Parameters>
class handler_base<Handler, stream_list<Streams...>, parameter_list<Parameters...>> : public task {
    static constexpr int sources = (0 + ... + static_cast<int>(is_source<Streams>));
    static_assert(sources <= 1 && sizeof...(Streams) - sources <= 1, "a handler takes one source and one sink at most");
    static constexpr auto stream_bits = static_cast<std::uint8_t>(sources | (sizeof...(Streams) - sources) << 1U);

protected:
    using signature = handler_signature<Handler>;
    using returned = typename awaited<typename signature::returned>::type;
    using streams_type = std::tuple<Streams...>;
    using arguments = detail::arguments<Parameters...>;
    static constexpr bool has_streams = sizeof...(Streams) != 0;
    static constexpr bool decodes = !takes_raw<Parameters...>;
    static constexpr bool owns_arguments = !(is_view<std::remove_cvref_t<Parameters>> || ...);

    explicit handler_base(Handler handler)
        : task(awaited<typename signature::returned>::is_coroutine, decodes, reads_bytes_as_json(), stream_bits),
          handler_(std::move(handler)) {}

    [[nodiscard]] static constexpr bool reads_bytes_as_json() {
        if constexpr (decodes) return arguments::reads_json(content_type::bytes);
        return false;
    }

    /// Returns false if the arguments do not fit; the reply has then been given.
    static bool decode(arguments& into, std::string_view body, [[maybe_unused]] const task_context& context,
                       [[maybe_unused]] reply_sink& reply) {
        if constexpr (!decodes) {
            into.take(body);
            return true;
        } else {
            return check(into.decode(body, context.content_type(), context.max_nesting()), reply);
        }
    }
    /// The same from a body that was parsed already.
    static bool decode(arguments& into, const json_document& body, reply_sink& reply) {
        return check(into.read(body), reply);
    }

    /// Is the body a JSON text so large that it is parsed in steps?
    [[nodiscard]] static bool takes_steps(std::string_view body, [[maybe_unused]] const task_context& context) {
        if constexpr (decodes) return body.size() > json_step && arguments::reads_json(context.content_type());
        return false;
    }
    [[nodiscard]] static asio::awaitable<stepwise_json_ptr> parse(std::string_view body, const task_context& context) {
        return parse_in_steps(body, {context.max_nesting(), context.max_json_values()}, arguments::fit());
    }

    [[nodiscard]] static streams_type streams_of(const task_context& context) {
        return streams_type(Streams(context.stream())...);
    }

    decltype(auto) call(task_context& context, streams_type& items, arguments& with) {
        return call(context, items, with, std::index_sequence_for<Parameters...>{});
    }

private:
    static bool check(std::string error, reply_sink& reply) {
        if (error.empty()) return true;
        (void)reply.fail(failure(errc::bad_request, std::move(error)));  // no handler has run that could have left
        return false;
    }

    template <std::size_t... Index>
    decltype(auto) call([[maybe_unused]] task_context& context, [[maybe_unused]] streams_type& items,
                        [[maybe_unused]] arguments& with, std::index_sequence<Index...>) {
        if constexpr (signature::takes_context) {
            return handler_(context, std::get<Streams>(items)..., pass<Parameters>(std::get<Index>(with.values))...);
        } else {
            return handler_(std::get<Streams>(items)..., pass<Parameters>(std::get<Index>(with.values))...);
        }
    }

    [[nodiscard]] std::string taken_items() const final { return item_types<true>(); }
    [[nodiscard]] std::string sent_items() const final { return item_types<false>(); }

    template <bool Taken>
    static std::string item_types() {
        std::string name;
        ((name += is_source<Streams> == Taken ? type_name<typename Streams::value_type>() : std::string()), ...);
        return name;
    }

    [[nodiscard]] std::string argument_types() const final { return name_parameters<Parameters...>(); }
    [[nodiscard]] std::string return_type() const final { return type_name<typename unwrapped<returned>::type>(); }

    Handler handler_;
};

template <class Handler>
using split_of = split_parameters<stream_list<>, typename handler_signature<Handler>::parameters>;
template <class Handler>
using handler_base_of =
    handler_base<Handler, typename split_of<Handler>::streams, typename split_of<Handler>::arguments>;

template <class Handler>
class function_task final : public handler_base_of<Handler> {
    using base = handler_base_of<Handler>;
    static_assert(!base::has_streams,
                  "a handler that takes a source or a sink is a coroutine: it returns an awaitable");

public:
    explicit function_task(Handler handler) : base(std::move(handler)) {}

    void run(task_context& context, std::string_view body, reply_sink& reply) override {
        typename base::arguments with;
        if (base::decode(with, body, context, reply)) answer(context, with, reply);
    }

    asio::awaitable<void> start(task_context& context, std::string_view body, reply_sink& reply) override {
        if constexpr (base::decodes) {
            if (base::takes_steps(body, context)) return start_in_steps(context, body, reply);
        }
        return start_in_place(*this, context, body, reply);
    }

private:
    void answer(task_context& context, typename base::arguments& with, reply_sink& reply) {
        typename base::streams_type none;
        if constexpr (std::is_void_v<typename base::returned>) {
            this->call(context, none, with);
            (void)reply.succeed(std::string_view{}, content_type::bytes);
        } else {
            (void)put_reply(reply, this->call(context, none, with));
        }
    }

    asio::awaitable<void> start_in_steps(task_context& context, std::string_view body, reply_sink& reply) {
        const auto parsed = co_await base::parse(body, context);
        if (!parsed) throw_cancelled();
        answer_document(context, *parsed, reply);
    }

    // Outside of the coroutine, where GCC 12 takes an optional for unset.
    [[gnu::noinline]] void answer_document(task_context& context, const json_document& parsed, reply_sink& reply) {
        typename base::arguments with;
        if (base::decode(with, parsed, reply)) answer(context, with, reply);
    }
};

template <class Handler>
class coroutine_task final : public handler_base_of<Handler> {
    using base = handler_base_of<Handler>;

public:
    explicit coroutine_task(Handler handler) : base(std::move(handler)) {}

    void run(task_context&, std::string_view, reply_sink&) override { refuse_to_run(); }

    // One coroutine frame serves call after call. The arguments are stored in it, so that references the handler took
    // stay valid until it has ended.
    asio::awaitable<void> start(task_context& context, std::string_view body, reply_sink& reply) override {
        do {
            // A handler may change the cancellation filter, and a cancelled call leaves it cancelled: reset both for
            // each call.
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            co_await asio::this_coro::throw_if_cancelled(true);
            typename base::arguments with;
            bool parsed = false;
            if constexpr (base::decodes) {
                if (base::takes_steps(body, context)) {
                    const auto document = co_await base::parse(body, context);
                    if (!document) throw_cancelled();
                    if (!base::decode(with, *document, reply)) continue;
                    parsed = true;
                }
            }
            if (!parsed && !base::decode(with, body, context, reply)) continue;
            // A large body is not kept beside what was made of it.
            if constexpr (base::owns_arguments) {
                if (body.size() > json_step) [[unlikely]]
                    context.arguments_are_read();
            }
            auto items = base::streams_of(context);
            if constexpr (std::is_void_v<typename base::returned>) {
                co_await this->call(context, items, with);
                while (!reply.succeed(std::string_view{}, content_type::bytes)) co_await come_back(context.executor());
            } else {
                auto value = co_await this->call(context, items, with);
                while (!put_reply(reply, std::move(value))) co_await come_back(context.executor());
            }
        } while (reply.next_call(body));
    }
};

template <class Handler>
std::unique_ptr<task> make_task(Handler handler) {
    static_assert(function_pointer<Handler> || function_object<Handler>,
                  "a handler has exactly one call operator and names its parameters' types: a function, a lambda "
                  "without auto parameters, a function object, a std::function");
    if constexpr (function_pointer<Handler> || function_object<Handler>) {
        if constexpr (std::constructible_from<Handler, std::nullptr_t> && requires { handler == nullptr; }) {
            if (handler == nullptr) refuse_empty_handler();
        }
        using returned = typename handler_signature<Handler>::returned;
        if constexpr (awaited<returned>::is_coroutine) {
            return std::make_unique<coroutine_task<Handler>>(std::move(handler));
        } else {
            return std::make_unique<function_task<Handler>>(std::move(handler));
        }
    }
}

}  // namespace echosocket::detail
