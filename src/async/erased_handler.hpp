// Stores a suspended coroutine until it can be resumed.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace echosocket::net {

namespace asio = boost::asio;

/// The handler of an awaited operation that completes with an error code, type-erased without an allocation.
///
/// `asio::any_completion_handler` recurses forever when moved in Boost 1.81; from 1.82 on it can replace this class.
class erased_handler {
    using error_code = boost::system::error_code;

public:
    erased_handler() = default;
    template <class Handler>
    requires(!std::is_same_v<Handler, erased_handler>) explicit erased_handler(Handler handler)
        : operations_(&operations_of<Handler>) {
        static_assert(sizeof(Handler) <= sizeof(handler_) && alignof(Handler) <= alignof(void*));
        static_assert(std::is_nothrow_move_constructible_v<Handler>);
        ::new (static_cast<void*>(handler_)) Handler(std::move(handler));
    }
    erased_handler(erased_handler&& other) noexcept : operations_(other.operations_) {
        if (operations_) operations_->move(other, *this);
    }
    erased_handler& operator=(erased_handler&& other) noexcept {
        if (this == &other) return *this;
        std::destroy_at(this);
        return *std::construct_at(this, std::move(other));
    }
    ~erased_handler() {
        if (operations_) operations_->destroy(*this);
    }

    explicit operator bool() const noexcept { return operations_ != nullptr; }

    /// Resumes the coroutine inside this call, up to its next suspension. This object is emptied first, so the
    /// coroutine may store itself here again, or destroy it.
    void resume(error_code outcome = {}) { operations_->resume(*this, outcome); }

    /// Resumes the coroutine later on its own executor. Empties this object.
    void post(error_code outcome = {}) {
        auto executor = operations_->executor(*this);
        asio::post(executor, [self = std::move(*this), outcome]() mutable { self.resume(outcome); });
    }

private:
    struct operations {
        void (*resume)(erased_handler&, error_code);
        void (*move)(erased_handler& from, erased_handler& to) noexcept;
        void (*destroy)(erased_handler&) noexcept;
        asio::any_io_executor (*executor)(erased_handler&);
    };

    template <class Handler>
    Handler& stored() noexcept {
        return *std::launder(reinterpret_cast<Handler*>(handler_));
    }

    template <class Handler>
    Handler take() noexcept {
        Handler taken = std::move(stored<Handler>());
        std::destroy_at(&stored<Handler>());
        operations_ = nullptr;
        return taken;
    }

    template <class Handler>
    static const operations operations_of;

    const operations* operations_ = nullptr;
    alignas(void*) std::byte handler_[4 * sizeof(void*)];
};

template <class Handler>
constexpr erased_handler::operations erased_handler::operations_of = {
    [](erased_handler& self, error_code outcome) {
        Handler handler = self.take<Handler>();
        handler(outcome);
    },
    [](erased_handler& from, erased_handler& to) noexcept {
        ::new (static_cast<void*>(to.handler_)) Handler(from.take<Handler>());
    },
    [](erased_handler& self) noexcept { std::destroy_at(&self.stored<Handler>()); },
    [](erased_handler& self) -> asio::any_io_executor {
        return asio::get_associated_executor(self.stored<Handler>());
    }};

}  // namespace echosocket::net
