using DeepSight.LocalHost.Discovery;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Tests.LocalHost;

public sealed class FunctionFinderTests
{
    public static class Good
    {
        [Function("Timer")]
        public static void Timer([TimerTrigger("0 0 3 * * *")] TimerInfo timer) => GC.KeepAlive(timer);

        [Function("Http")]
        public static Task<IResult> Http([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest request) => Task.FromResult(TypedResults.Ok() as IResult);

        [Function("Queue")]
        public static Task Queue([QueueTrigger("requests")] string message) => Task.CompletedTask;
    }

    public static class Bad
    {
        [Function("1st")]
        public static void Name([TimerTrigger("0 0 3 * * *")] TimerInfo timer) => GC.KeepAlive(timer);

        [Function("NoTrigger")]
        public static void NoTrigger() => GC.KeepAlive(null);

        [Function("TwoTriggers")]
        public static void TwoTriggers([TimerTrigger("0 0 3 * * *")] TimerInfo timer, [QueueTrigger("requests")] string message) => GC.KeepAlive(timer);

        [Function("Awaiting")]
        public static ValueTask Awaiting([TimerTrigger("0 0 3 * * *")] TimerInfo timer) => ValueTask.CompletedTask;

        [Function("QueueRetry"), FixedDelayRetry(3, "00:00:10")]
        public static Task QueueRetry([QueueTrigger("requests")] string message) => Task.CompletedTask;

        [Function("Poco")]
        public static Task Poco([QueueTrigger("requests")] Uri message) => Task.CompletedTask;

        [Function("Plain")]
        public static string Plain([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => "text";

        [Function("SignedIn")]
        public static IResult SignedIn([HttpTrigger(AuthorizationLevel.User, "get")] HttpRequest request) => TypedResults.Ok();

        [Function("Hidden")]
        internal static void Hidden([TimerTrigger("0 0 3 * * *")] TimerInfo timer) => GC.KeepAlive(timer);

        [Function("Twice")]
        public static void Once([TimerTrigger("0 0 3 * * *")] TimerInfo timer) => GC.KeepAlive(timer);

        [Function("twice")]
        public static void Again([TimerTrigger("0 0 3 * * *")] TimerInfo timer) => GC.KeepAlive(timer);
    }

    [Fact]
    public void Functions_are_found_by_their_attribute_in_order_of_names()
    {
        var found = FunctionFinder.Find([typeof(Good)]);
        Assert.Equal(["Http", "Queue", "Timer"], found.Select(function => function.Name));
        Assert.All(found, function => Assert.Null(function.Problem));
        Assert.Equal("DeepSight.Tests.LocalHost.FunctionFinderTests+Good.Http", found[0].EntryPoint);
    }

    [Theory]
    [InlineData("1st", "its name must start with a letter")]
    [InlineData("NoTrigger", "it has 0 triggers instead of one")]
    [InlineData("TwoTriggers", "it has 2 triggers instead of one")]
    [InlineData("Awaiting", "ValueTask")]
    [InlineData("QueueRetry", "a retry attribute works on timers only")]
    [InlineData("Poco", "its trigger parameter 'message' is not a String")]
    [InlineData("Plain", "it must return an IResult")]
    [InlineData("SignedIn", "the level User")]
    [InlineData("Hidden", "not public")]
    [InlineData("Twice", "its name is used 2 times")]
    [InlineData("twice", "its name is used 2 times")]
    public void What_the_official_worker_would_not_run_is_in_error(string name, string problem) =>
        Assert.Contains(problem, FunctionFinder.Find([typeof(Bad)]).Single(function => function.Name == name).Problem, StringComparison.Ordinal);
}
