//! The tests that are generated from the list of promises.

/// Generates one test for each promise of the [`contract`](crate::contract).
///
/// Takes an async function (or any expression that can be called without arguments and returns a future) that creates a
/// [`Fixture`](crate::contract::Fixture) with an empty store. It is called once for each test, and twice for a promise about two stores.
///
/// A store that lacks [capabilities](loggia_domain::port#core-and-capabilities) names them: `store_contract!(fresh, without = [keys])`. There
/// is no test then of any promise that involves one of them. The names are `keys`, `stored_responses`, `invitations`, `deletion` and
/// `instance`; any other name does not compile:
///
/// ```compile_fail
/// # async fn fresh() -> loggia_testkit::contract::Fixture {
/// #     loggia_testkit::contract::Fixture::new(loggia_testkit::memory())
/// # }
/// loggia_testkit::store_contract!(fresh, without = [tasks]);
/// ```
#[macro_export]
macro_rules! store_contract {
    ($fresh:expr $(,)?) => {
        $crate::store_contract! { $fresh, without = [] }
    };
    ($fresh:expr, without = [$($without:ident),* $(,)?] $(,)?) => {
        $crate::store_contract! { @without [$($without)*] [yes] [yes] [yes] [yes] [yes] $fresh }
    };

    // Whether each capability is there, in the order of the names above; the names in the list turn a `yes` into a `no`.
    (@without [keys $($more:ident)*] [$($k:tt)*] $s:tt $i:tt $d:tt $n:tt $fresh:expr) => {
        $crate::store_contract! { @without [$($more)*] [no] $s $i $d $n $fresh }
    };
    (@without [stored_responses $($more:ident)*] $k:tt $s:tt $i:tt $d:tt $n:tt $fresh:expr) => {
        $crate::store_contract! { @without [$($more)*] $k [no] $i $d $n $fresh }
    };
    (@without [invitations $($more:ident)*] $k:tt $s:tt $i:tt $d:tt $n:tt $fresh:expr) => {
        $crate::store_contract! { @without [$($more)*] $k $s [no] $d $n $fresh }
    };
    (@without [deletion $($more:ident)*] $k:tt $s:tt $i:tt $d:tt $n:tt $fresh:expr) => {
        $crate::store_contract! { @without [$($more)*] $k $s $i [no] $n $fresh }
    };
    (@without [instance $($more:ident)*] $k:tt $s:tt $i:tt $d:tt $n:tt $fresh:expr) => {
        $crate::store_contract! { @without [$($more)*] $k $s $i $d [no] $fresh }
    };
    (@without [] [$k:ident] [$s:ident] [$i:ident] [$d:ident] [$n:ident] $fresh:expr) => {
        $crate::__promises! { core @tests $fresh; }
        $crate::store_contract! { @if [$k] keys @tests $fresh; }
        $crate::store_contract! { @if [$s] stored_responses @tests $fresh; }
        $crate::store_contract! { @if [$i] invitations @tests $fresh; }
        $crate::store_contract! { @if [$d] deletion @tests $fresh; }
        $crate::store_contract! { @if [$n] instance @tests $fresh; }
        $crate::store_contract! { @if [$n] instances_apart @pairs $fresh; }
        $crate::store_contract! { @if [$d $n] deletion_and_instance @tests $fresh; }
        $crate::store_contract! { @if [$d $k $s $i] deletion_of_all @tests $fresh; }
    };
    (@without [$unknown:ident $($more:ident)*] $($rest:tt)*) => {
        compile_error!(concat!("no capability of a store is named `", stringify!($unknown), "`"));
    };

    (@if [$(yes)+] $($part:tt)*) => {
        $crate::__promises! { $($part)* }
    };
    (@if [$($is_there:ident)+] $($part:tt)*) => {};

    (@tests $fresh:expr; $($topic:ident { $($promise:ident),+ $(,)? })+) => {$($(
        #[test]
        fn $promise() {
            $crate::contract::keep(stringify!($topic), stringify!($promise), async {
                let fixture: $crate::contract::Fixture = ($fresh)().await;
                $crate::contract::$topic::$promise(&fixture).await;
            });
        }
    )+)+};
    (@pairs $fresh:expr; $($topic:ident { $($promise:ident),+ $(,)? })+) => {$($(
        #[test]
        fn $promise() {
            $crate::contract::keep(stringify!($topic), stringify!($promise), async {
                let fixture: $crate::contract::Fixture = ($fresh)().await;
                let other: $crate::contract::Fixture = ($fresh)().await;
                $crate::contract::$topic::$promise(&fixture, &other).await;
            });
        }
    )+)+};

    // The testkit's own uses of the list: where each promise is documented, and all promises as values.
    (@sources $topic:ident; $($name:ident { $($promise:ident),+ $(,)? })+) => {$(
        if $topic == stringify!($name) {
            return include_str!(concat!(stringify!($name), ".rs"));
        }
    )+};
    (@values $all:ident $part:ident; $($topic:ident { $($promise:ident),+ $(,)? })+) => {$($(
        $all.push($crate::contract::forgotten::Promise {
            part: stringify!($part),
            topic: stringify!($topic),
            name: stringify!($promise),
            run: |fixture| Box::pin($crate::contract::$topic::$promise(fixture)),
        });
    )+)+};
}
