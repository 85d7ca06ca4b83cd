using DeepSight.Cli.Output;

namespace DeepSight.Tests.Cli;

public sealed class ProgressStatusTests
{
    private static readonly ProgressStatus Dumping = new("dumping")
    {
        Done = 0.5,
        Table = "public.a_table_with_a_long_name_in_it",
        Rate = "148 MB/s",
        Amount = "312 MB stored",
        TimeLeft = TimeSpan.FromSeconds(9),
    };

    [Theory]
    [InlineData(200, "dumping   ████████████░░░░░░░░░░░░░   50%   public.a_table_with_a_long_name_in_it   148 MB/s   312 MB stored   ETA 0:09")]
    [InlineData(78, "dumping   █████░░░░░   50%   …h_a_long_name_in_it   148 MB/s   ETA 0:09")]
    [InlineData(60, "dumping   50%   …h_a_long_name_in_it   148 MB/s   ETA 0:09")]
    [InlineData(40, "dumping   50%   148 MB/s   ETA 0:09")]
    [InlineData(24, "dumping   50%   ETA 0:09")]
    [InlineData(20, "dumping   50%")]
    public void On_a_narrow_terminal_when_it_ends_is_given_up_last(int width, string expected) => Assert.Equal(expected, Dumping.In(width));

    [Fact]
    public void No_width_is_exceeded() => Assert.All(Enumerable.Range(1, 200), width => Assert.InRange(Dumping.In(width).Length, 1, width));

    [Fact]
    public void A_log_has_all_of_it_and_no_bar() =>
        Assert.Equal("dumping   50%   public.a_table_with_a_long_name_in_it   148 MB/s   312 MB stored   ETA 0:09", Dumping.ToString());

    [Fact]
    public void A_name_can_not_command_the_terminal() =>
        Assert.Equal("loading   public.\"a?[31m?b\"", new ProgressStatus("loading") { Table = "public.\"a\e[31m\nb\"" }.In(80));
}
