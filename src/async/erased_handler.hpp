// A suspended coroutine, held until something is there to go on with.
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

/// The handler of an awaited operation whose outcome is an error code, its type erased without an allocation.
///
/// In place of `asio::any_completion_handler`, which recurses without end when moved in Boost 1.81; from 1.82 on that
/// one can take over.
class resumption {
    using error_code = boost::system::error_code;

public:
    resumption() = default;
    template <class Handler>
    requires(!std::is_same_v<Handler, resumption>) explicit resumption(Handler handler)
        : operations_(&operations_of<Handler>) {
        static_assert(sizeof(Handler) <= sizeof(handler_) && alignof(Handler) <= alignof(void*));
        static_assert(std::is_nothrow_move_constructible_v<Handler>);
        ::new (static_cast<void*>(handler_)) Handler(std::move(handler));
    }
    resumption(resumption&& other) noexcept : operations_(other.operations_) {
        if (operations_) operations_->move(other, *this);
    }
    resumption& operator=(resumption&& other) noexcept {
        if (this == &other) return *this;
        std::destroy_at(this);
        return *std::construct_at(this, std::move(other));
    }
    ~resumption() {
        if (operations_) operations_->destroy(*this);
    }

    explicit operator bool() const noexcept { return operations_ != nullptr; }

    /// Resumes the coroutine inside this call, up to its next suspension. Leaves this empty before that, so the
    /// coroutine may store itself here anew, or destroy this.
    void resume(error_code outcome = {}) { operations_->resume(*this, outcome); }

    /// Resumes the coroutine on its own executor, not inside this call. Leaves this empty.
    void post(error_code outcome = {}) {
        auto executor = operations_->executor(*this);
        asio::post(executor, [self = std::move(*this), outcome]() mutable { self.resume(outcome); });
    }

private:
    struct operations {
        void (*resume)(resumption&, error_code);
        void (*move)(resumption& from, resumption& to) noexcept;
        void (*destroy)(resumption&) noexcept;
        asio::any_io_executor (*executor)(resumption&);
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
constexpr resumption::operations resumption::operations_of = {
    [](resumption& self, error_code outcome) {
        Handler handler = self.take<Handler>();
        handler(outcome);
    },
    [](resumption& from, resumption& to) noexcept {
        ::new (static_cast<void*>(to.handler_)) Handler(from.take<Handler>());
    },
    [](resumption& self) noexcept { std::destroy_at(&self.stored<Handler>()); },
    [](resumption& self) -> asio::any_io_executor { return asio::get_associated_executor(self.stored<Handler>()); }};

}  // namespace echosocket::net
