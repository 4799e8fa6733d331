// The types that a handler takes and returns.
#pragma once

#include <echosocket/codec.hpp>
#include <echosocket/result.hpp>
#include <echosocket/stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace echosocket {

class task_context;

namespace detail {

template <class... Parameters>
struct parameter_list {};

template <class Function>
struct call_signature;
template <class Return, class... Parameters>
struct call_signature<Return(Parameters...)> {
    using returned = Return;
    using parameters = parameter_list<Parameters...>;
    static constexpr bool takes_context = false;
};
template <class Return, class... Parameters>
struct call_signature<Return(task_context&, Parameters...)> {
    using returned = Return;
    using parameters = parameter_list<Parameters...>;
    static constexpr bool takes_context = true;
};
template <class Return, class... Parameters>
struct call_signature<Return(const task_context&, Parameters...)>
    : call_signature<Return(task_context&, Parameters...)> {};
template <class Return, class... Parameters>
struct call_signature<Return(Parameters...) noexcept> : call_signature<Return(Parameters...)> {};
template <class Function>
struct call_signature<Function*> : call_signature<Function> {};

template <class R, class C, class... P>
struct call_signature<R (C::*)(P...)> : call_signature<R(P...)> {};
template <class R, class C, class... P>
struct call_signature<R (C::*)(P...) const> : call_signature<R(P...)> {};
template <class R, class C, class... P>
struct call_signature<R (C::*)(P...)&> : call_signature<R(P...)> {};
template <class R, class C, class... P>
struct call_signature<R (C::*)(P...) const&> : call_signature<R(P...)> {};
template <class R, class C, class... P>
struct call_signature<R (C::*)(P...) noexcept> : call_signature<R(P...)> {};
template <class R, class C, class... P>
struct call_signature<R (C::*)(P...) const noexcept> : call_signature<R(P...)> {};
template <class R, class C, class... P>
struct call_signature<R (C::*)(P...)& noexcept> : call_signature<R(P...)> {};
template <class R, class C, class... P>
struct call_signature<R (C::*)(P...) const& noexcept> : call_signature<R(P...)> {};

template <class Handler>
concept function_pointer = std::is_pointer_v<Handler> && std::is_function_v<std::remove_pointer_t<Handler>>;
template <class Handler>
concept function_object = requires {
    &Handler::operator();
};

template <class Handler>
struct handler_signature;
template <function_pointer Handler>
struct handler_signature<Handler> : call_signature<Handler> {};
template <function_object Handler>
struct handler_signature<Handler> : call_signature<decltype(&Handler::operator())> {};

/// Splits a handler's parameters into its streams, which come first, and its arguments.
template <class... Streams>
struct stream_list {};

template <class Streams, class Parameters>
struct split_parameters {
    using streams = Streams;
    using arguments = Parameters;
};
template <class... Streams, class T, class... Rest>
struct split_parameters<stream_list<Streams...>, parameter_list<source<T>&, Rest...>>
    : split_parameters<stream_list<Streams..., source<T>>, parameter_list<Rest...>> {};
template <class... Streams, class T, class... Rest>
struct split_parameters<stream_list<Streams...>, parameter_list<sink<T>&, Rest...>>
    : split_parameters<stream_list<Streams..., sink<T>>, parameter_list<Rest...>> {};

template <class T>
inline constexpr bool is_source = false;
template <class T>
inline constexpr bool is_source<source<T>> = true;

template <class T>
struct awaited {
    using type = T;
    static constexpr bool is_coroutine = false;
};
template <class T>
struct awaited<boost::asio::awaitable<T>> {
    using type = T;
    static constexpr bool is_coroutine = true;
};

template <class T>
struct unwrapped {
    using type = std::remove_cvref_t<T>;
    static constexpr bool is_result = false;
};
template <class T>
struct unwrapped<result<T>> {
    using type = T;
    static constexpr bool is_result = true;
};
template <class T>
struct unwrapped<tl::expected<T, failure>> : unwrapped<result<T>> {};

/// What the library's own tasks return: their failures are answers of this end, not of a task, unless they say so.
template <class T>
struct builtin_result : result<T> {
    using result<T>::result;
    builtin_result(result<T> outcome) : result<T>(std::move(outcome)) {}
};
template <class T>
struct unwrapped<builtin_result<T>> : unwrapped<result<T>> {};
template <class T>
inline constexpr bool is_builtin_result = false;
template <class T>
inline constexpr bool is_builtin_result<builtin_result<T>> = true;

template <class T>
inline constexpr bool is_variadic = false;
template <class T>
inline constexpr bool is_variadic<variadic<T>> = true;

/// How a parameter is stored while the handler runs. Arguments that are read from JSON text have their escapes
/// resolved, so a view parameter needs an owned copy to point to.
template <class Parameter>
struct stored {
    using type = std::remove_cvref_t<Parameter>;
    static_assert(!std::is_lvalue_reference_v<Parameter> || std::is_const_v<std::remove_reference_t<Parameter>>,
                  "a handler takes its arguments by value or const reference, and task_context& first of all");
    static_assert(!std::is_reference_v<Parameter> || !one_of<type, std::string_view, std::span<const std::byte>>,
                  "a handler takes a view by value");
    static_assert(supported<type> || is_variadic<type>,
                  "EchoSocket can't decode this parameter's type; describe a struct by BOOST_DESCRIBE_STRUCT");
};
template <>
struct stored<std::string_view> {
    using type = std::string;
};
template <>
struct stored<std::span<const std::byte>> {
    using type = std::vector<std::byte>;
};

/// Passes a stored argument to a parameter; moves it if the parameter is taken by value.
template <class Parameter, class Stored>
decltype(auto) pass(Stored& argument) noexcept {
    if constexpr (std::is_same_v<std::remove_cvref_t<Parameter>, Stored>) {
        return static_cast<Parameter&&>(argument);
    } else {
        return Parameter(argument);
    }
}

}  // namespace detail

}  // namespace echosocket
