"""The words around labels, and the words that labels are weighed against; in Chinese and English."""

PROMPTS = {
    "zh": ("{}", "照片里有{}", "拍到了{}的图片", "这就是{}", "近处看到的{}", "有{}的场景", "{}，实拍"),
    "en": (
        "{}",
        "here is the {}",
        "a picture in which you see a {}",
        "{}, seen from nearby",
        "a {} with its surroundings",
        "what a {} looks like",
        "someone photographed this {}",
    ),
}
"""Sentences that a label is put into; the first alone where they are not averaged."""

_EVERYDAY_ZH = """
人 孩子 男人 女人 人群 狗 猫 鸟 鱼 马 牛 昆虫 动物 花 树 草地 森林 山 河 湖 大海
沙滩 天空 云 雪 雨 太阳 夜晚 街道 房子 高楼 桥 车站 商店 学校 办公室 厨房 卧室 客厅
浴室 餐厅 汽车 自行车 火车 飞机 船 食物 水果 蔬菜 肉 面包 蛋糕 饮料 杯子 桌子 椅子 床
书 电脑 手机 衣服 鞋子 帽子 玩具 球 乐器 工具 机器 文字 标志 图案 运动 游戏 舞蹈 婚礼
表演
"""
_EVERYDAY_EN = """
a person, a child, a man, a woman, a crowd, a dog, a cat, a bird, a fish, a horse, a cow, an insect,
an animal, a flower, a tree, grass, a forest, a mountain, a river, a lake, the sea, a beach, the
sky, clouds, snow, rain, the sun, night, a street, a house, a tall building, a bridge, a station, a
shop, a school, an office, a kitchen, a bedroom, a living room, a bathroom, a restaurant, a car, a
bicycle, a train, a plane, a boat, food, fruit, vegetables, meat, bread, a cake, a drink, a cup, a
table, a chair, a bed, a book, a computer, a phone, clothes, shoes, a hat, a toy, a ball, a musical
instrument, a tool, a machine, writing, a sign, a pattern, sport, a game, dancing, a wedding, a show
"""

EVERYDAY = {
    "zh": _EVERYDAY_ZH.split(),
    "en": " ".join(_EVERYDAY_EN.split()).split(", "),
}
"""What pictures show every day. A label fits where it is nearer than the nearest few of these are on average."""
